"""docs/checks.md names tests that are there, and says rightly which of them run at night."""

from __future__ import annotations

import ast
import re
from functools import cache

from . import house

PAGE = house.ROOT / "docs/checks.md"
CHECKS = house.ROOT / "docs/reliability.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| ([A-L]\d+) ", re.MULTILINE)
NIGHTLY = "pytest.mark.nightly"


@cache
def tree_of(path: str) -> ast.Module:
    """Return the syntax of a file, empty where there is none."""
    file = house.ROOT / path
    return ast.parse(house.text_of(file) if file.exists() else "")


def found(path: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """Return the test of this name."""
    functions = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((node for node in functions if node.name == name), None)


def nightly(path: str, name: str) -> tuple[bool, bool]:
    """Tell whether the test runs at night only, and whether any case of it does."""
    test = found(path, name)
    marks = [ast.unparse(mark) for mark in test.decorator_list] if test else []
    lines = [ast.unparse(node) for node in tree_of(path).body if isinstance(node, ast.Assign)]
    whole = any(line.startswith("pytestmark") and NIGHTLY in line for line in lines)
    return whole or NIGHTLY in marks, whole or any(NIGHTLY in mark for mark in marks)


def test_every_named_test_is_there() -> None:
    named = NAMED.findall(house.text_of(PAGE))
    gone = [f"{path}::{name}" for path, name in named if not found(path, name)]

    house.assert_none(gone, "Not there (any more):")
    assert len(named) > 60


def test_it_is_said_rightly_which_run_at_night() -> None:
    wrong = []
    for line in house.text_of(PAGE).splitlines():
        by_day, _, rest = line.partition("ightly")
        by_night = rest.partition("|")[0]
        wrong += [name for path, name in NAMED.findall(by_day) if nightly(path, name)[0]]
        wrong += [name for path, name in NAMED.findall(by_night) if not nightly(path, name)[1]]
    house.assert_none(wrong, "Put it behind the word nightly, or before it:")


def test_every_row_is_one_of_the_checks() -> None:
    known = set(ROW.findall(house.text_of(CHECKS)))
    rows = ROW.findall(house.text_of(PAGE))

    assert set(rows) <= known
    assert len(rows) == len(set(rows)), "Each check has one row."
