"""What lies in the repository: no registry's address in a lock file, no stray file at the top, no dead reference."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

from . import house

# docs/architecture.md 1: nothing else grows at the top level.
TOP = {
    ".ci", ".dockerignore", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "Dockerfile", "README.md", "bench",
    "compose.yaml", "deploy", "docs", "locale", "manage.py", "modules", "pms", "pyproject.toml", "requirements.lock",
    "static", "templates", "tests", "vercel.json",
}  # fmt: skip
LOCKS = ("requirements.lock", "tests/requirements.lock", "pms/runtime/embedded.lock", "pms/runtime/installer.lock")
ADDRESS = re.compile(r"\w+://|^\s*(?:-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b", re.MULTILINE)
REFERENCE = re.compile(r"\bdocs/[\w./-]+\.md\b")


def tracked() -> list[Path]:
    """Return the files that git knows and that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=house.ROOT, capture_output=True, text=True, check=True)
    return [house.ROOT / name for name in listed.stdout.split("\0") if name and (house.ROOT / name).is_file()]


def unhashed(text: str) -> list[str]:
    """Return the packages of a lock file without a checksum."""
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return [entry.split("==")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]


def test_lock_files_name_no_registry():
    found = [name for name in LOCKS if ADDRESS.search((house.ROOT / name).read_text())]

    house.assert_none(found, "Write the lock file without addresses (manage.py lock): where packages come from is "
                             "the machine's setting:")  # fmt: skip


def test_every_locked_package_has_its_checksum():
    found = [f"{name}: {package}" for name in LOCKS for package in unhashed((house.ROOT / name).read_text())]

    house.assert_none(found, "Lock with hashes (manage.py lock):")


def test_every_dependency_is_explained():
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    names = {re.split(r"[\[~=<>]", requirement)[0] for group in groups for requirement in group}
    page = (house.ROOT / "docs/dependencies.md").read_text()

    house.assert_none(
        sorted(name for name in names if f"| {name} |" not in page),
        "Give the package its line in docs/dependencies.md (why this one, licence, which part uses it):",
    )


def test_nothing_grows_at_the_top():
    tops = {path.relative_to(house.ROOT).parts[0] for path in tracked()}

    house.assert_none(sorted(tops - TOP - set(house.apps())), "Put it where it belongs (docs/architecture.md 1):")


def test_every_page_referred_to_exists():
    found = {
        f"{house.name_of(path)}: {reference}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".html", ".js", ".sql", ".toml", ".yaml", ".css"}
        for reference in REFERENCE.findall(house.text_of(path))
        if not (house.ROOT / reference).exists()
    }

    house.assert_none(sorted(found), "Write the page or correct the reference:")


def test_every_link_between_pages_leads_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md"]
    found = [
        f"{house.name_of(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", house.text_of(page))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]

    house.assert_none(found, "Correct the link:")


def test_every_module_says_its_job():
    silent = [
        house.name_of(path)
        for path in (*house.python_files("pms", *house.apps()), *house.python_files("tests"))
        if house.text_of(path).strip() and not (house.tree_of(path).body and _docstring(path))
    ]

    house.assert_none(silent, "Begin the module with one sentence that says its job:")


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(house.tree_of(path))


def test_control_an_address_in_a_lock_file_is_seen():
    assert ADDRESS.search("--index-url https://registry.example/simple\n")
    assert ADDRESS.search("django @ https://files.example/django.whl")
    assert not ADDRESS.search("django==5.2.19 \\\n    --hash=sha256:ab\n    # via pms (pyproject.toml)\n")


def test_control_a_missing_checksum_is_seen():
    text = "a==1 \\\n    --hash=sha256:ab\nb==2\n"

    assert unhashed(text) == ["b"]
