"""The first code on a bare machine: it loads with nothing installed, and installs once."""

from __future__ import annotations

import ast
import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pms.runtime import environment, installer, locks
from pms.runtime.console import Refusal, from_os_error
from pms.runtime.root import ROOT

ISOLATED = [sys.executable, "-I", "-S", "-c"]


def test_the_bootstrap_loads_without_any_package() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pms.runtime.bootstrap, pms.runtime.environment"
    subprocess.run([*ISOLATED, code], check=True)


def test_the_packages_that_stand_before_the_bootstrap_are_empty() -> None:
    for name in ("pms/__init__.py", "pms/runtime/__init__.py"):
        assert (ROOT / name).read_text() == ""


@pytest.mark.parametrize("name", ["manage.py", "pms/runtime/bootstrap.py"])
def test_what_an_old_python_reads_is_written_for_it(name: str) -> None:
    ast.parse((ROOT / name).read_text(), feature_version=(3, 8))


def test_the_runtime_imports_nothing_of_the_house() -> None:
    allowed = {"pms.runtime"}
    for file in (ROOT / "pms/runtime").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and node.module.startswith("pms"):
                assert node.module in allowed, file
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, file


def test_no_lock_file_names_an_address() -> None:
    for file in (*environment.LOCKS.values(), installer.INSTALLER_LOCK):
        text = file.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text, file


def test_the_installer_is_pinned_to_the_version_that_makes_the_locks() -> None:
    assert installer.INSTALLER_LOCK.read_text().startswith(f"{locks.UV} ")


def test_only_what_a_command_needs_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    assert environment.groups_for("up", []) == ("production", "embedded")
    assert environment.groups_for("test", []) == ("production", "embedded", "dev")
    assert environment.groups_for("migrate", []) == ("production",)
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "somewhere")
    assert environment.groups_for("up", []) == ("production",)


@pytest.fixture
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An environment folder in tmp_path whose installation only writes down what was asked for."""
    venv, asked = tmp_path / ".venv", list[str]()

    def make(folder: Path) -> None:
        asked.append("make")
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin/python").unlink(missing_ok=True)
        (folder / "bin/python").symlink_to(sys.executable)
        (folder / "pms-unfinished").unlink(missing_ok=True)

    def fill(_folder: Path, files: list[Path], *, keep_others: bool) -> None:
        asked.append(f"fill {len(files)} {keep_others}")
        if os.environ.get("BREAK"):
            raise KeyboardInterrupt

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "STAMP", venv / "stamp.json")
    monkeypatch.setattr(environment, "_importable", lambda _group: False)
    monkeypatch.setattr(installer, "make_environment", make)
    monkeypatch.setattr(installer, "fill", fill)
    return asked


def test_the_second_call_installs_nothing(empty_environment: list[str], tmp_path: Path) -> None:
    python = str(tmp_path / ".venv/bin/python")
    assert environment.ensure(("production",)) == python
    assert environment.ensure(("production",)) == python
    assert empty_environment == ["make", "fill 1 False"]


def test_a_later_need_keeps_what_was_there(empty_environment: list[str]) -> None:
    environment.ensure(("production", "dev"))
    environment.ensure(("production", "embedded"))
    assert empty_environment == ["make", "fill 2 False", "fill 3 False"]


def test_a_developers_own_environment_is_added_to_and_not_emptied(empty_environment: list[str]) -> None:
    installer.make_environment(environment.VENV)
    environment.ensure(("production",))
    assert empty_environment == ["make", "fill 1 True"]


def test_an_interrupted_installation_starts_afresh(
    empty_environment: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BREAK", "1")
    with pytest.raises(KeyboardInterrupt):
        environment.ensure(("production",))
    monkeypatch.delenv("BREAK")
    environment.ensure(("production",))
    assert empty_environment == ["make", "fill 1 False"] * 2


def test_two_installations_at_once_take_turns(empty_environment: list[str], tmp_path: Path) -> None:
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from pms.runtime import environment
environment.ROOT = Path({str(tmp_path)!r})
with environment._one_at_a_time():
    print("mine", flush=True)
"""
    other = subprocess.Popen([*ISOLATED, code], stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert "waiting" in other.stdout.readline()
    os.close(held)
    assert other.stdout.readline() == "mine\n"
    assert other.wait(10) == 0


def test_a_full_disk_is_one_sentence() -> None:
    refusal = from_os_error(OSError(errno.ENOSPC, "No space left on device"), "/data")
    assert isinstance(refusal, Refusal)
    assert str(refusal) == (
        "The disk that holds /data is full. The start was stopped and nothing is lost; "
        "free some space and give the same command again."
    )


def test_pips_settings_reach_the_installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = tmp_path / "bin/python"
    pip.parent.mkdir()
    (tmp_path / "lib/python3.11/site-packages/pip").mkdir(parents=True)
    pip.write_text("#!/bin/sh\necho \"global.index-url='https://mirror.test/simple'\"\necho \":env:.cert='/ca.pem'\"\n")
    pip.chmod(0o755)
    for name in ("UV_DEFAULT_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    found = installer.uv_environment(tmp_path)
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.test/simple"
    assert found["SSL_CERT_FILE"] == "/ca.pem"
