"""What the architecture tests look at: the files of the house, parsed once."""

from __future__ import annotations

import ast
import importlib
import tokenize
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"staticfiles", "node_modules", "docs", "static", "templates", "tests", "bench", "deploy"}
# Kernel packages in their order: each imports only those before it (docs/architecture.md 1).
KERNEL = ("core", "events", "accounts", "live", "api")


@cache
def apps() -> tuple[str, ...]:
    """Return the domain apps: the packages at the top level beside `pms`."""
    return tuple(
        sorted(
            folder.name
            for folder in ROOT.iterdir()
            if (folder / "apps.py").exists() and folder.name not in NOT_OURS and not folder.name.startswith(".")
        )
    )


def is_ours(module: str) -> bool:
    """Tell whether a module belongs to the house (tests define events and errors of their own)."""
    return module.partition(".")[0] in {"pms", *apps()}


def name_of(path: Path) -> str:
    """Return `path` as the messages write it: from the checkout's root, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python files below `folders`, without migrations."""
    return tuple(
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


@cache
def house_files() -> tuple[Path, ...]:
    """Return the Python files of the product: kernel and domain, without `pms.runtime`, migrations and tests."""
    return tuple(path for path in python_files("pms", *apps()) if not name_of(path).startswith("pms/runtime/"))


@cache
def migration_files() -> tuple[Path, ...]:
    """Return the migrations of all apps."""
    return tuple(
        path
        for folder in ("pms", *apps())
        for path in sorted((ROOT / folder).rglob("migrations/*.py"))
        if path.name != "__init__.py"
    )


@cache
def templates() -> tuple[Path, ...]:
    """Return all templates."""
    found = [*(ROOT / "templates").rglob("*.html")]
    for app in ("pms", *apps()):
        found += (ROOT / app).rglob("templates/**/*.html")
    return tuple(sorted(found))


@cache
def scripts() -> tuple[Path, ...]:
    """Return our own scripts; vendored ones are not ours to judge."""
    return tuple(sorted((ROOT / "static/js").rglob("*.js")))


@cache
def text_of(path: Path) -> str:
    """Return what the file says."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(text_of(path), filename=str(path))


def comments_of(source: str) -> dict[int, str]:
    """Return the comments of a Python source by line; comments that only silence a tool count as none."""
    found: dict[int, str] = {}
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = token.string.lstrip("# ")
            if text.startswith(("noqa", "type: ignore")):
                text = text.partition(" - ")[2] or text.partition("#")[2]
            if text.strip():
                found[token.start[0]] = text.strip()
    return found


@cache
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return all nodes of the tree; walked once, since a dozen rules look at each file."""
    return tuple(ast.walk(tree))


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method in the tree."""
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def import_catalogues() -> None:
    """Import every module that defines a class with a code (events, errors) or a veto."""
    for path in house_files():
        classes = [node for node in tree_of(path).body if isinstance(node, ast.ClassDef)]
        words = {word.arg for node in classes for word in node.keywords}
        bases = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
        if "code" in words or "Veto" in bases:
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def first_sentence(docstring: str | None) -> str:
    """Return the first sentence of a docstring, on one line."""
    paragraph = " ".join((docstring or "").strip().split("\n\n")[0].split())
    head, stop, _ = paragraph.partition(". ")
    return head + "." if stop else paragraph


def assert_none(offenders: list[str], instead: str) -> None:
    """Fail with every offender on a line of its own and with what to do instead."""
    assert not offenders, f"{instead}\n  " + "\n  ".join(offenders)
