"""Every service has a test that calls it by name, and takes its arguments by keyword."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from . import house

# Services without a test of their own, and why.
UNTESTED: dict[str, str] = {}


def services() -> list[tuple[Path, ast.FunctionDef]]:
    """Return the public functions of all service modules."""
    return [
        (path, node)
        for path in house.house_files()
        if path.name == "services.py" or path.parent.name == "services"
        for node in house.tree_of(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def unmentioned(names: list[str], tests: str) -> list[str]:
    """Return the names that do not occur in the text of the tests."""
    words = set(re.findall(r"\w+", tests))
    return [name for name in names if name not in words]


def positional(function: ast.FunctionDef) -> list[str]:
    """Return the parameters that could be given by position."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def takes_part_in_a_transaction(function: ast.FunctionDef) -> bool:
    """Tell whether a function opens a transaction: the mark of a service among its helpers."""
    return any("atomic" in ast.dump(decorator) for decorator in function.decorator_list)


def test_every_service_has_a_test():
    tests = "\n".join(
        house.text_of(path)
        for path in house.python_files("tests")
        if "architecture" not in path.relative_to(house.ROOT).parts
    )
    names = [function.name for _, function in services() if takes_part_in_a_transaction(function)]

    house.assert_none(
        [name for name in unmentioned(names, tests) if name not in UNTESTED],
        "Write a test that calls the service (tests/domain/<app>/), or name it in UNTESTED with the reason:",
    )


def test_services_take_keywords_only():
    found = [
        f"{house.name_of(path)}:{function.lineno} {function.name}({', '.join(positional(function))})"
        for path, function in services()
        if takes_part_in_a_transaction(function) and positional(function)
    ]

    house.assert_none(found, "Begin the parameters with *: two ids in the wrong order are an accident at a desk:")


def test_exemptions_are_services():
    names = {function.name for _, function in services()}

    house.assert_none(sorted(set(UNTESTED) - names), "There is no such service (any more):")


def test_control_an_untested_service_is_seen():
    assert unmentioned(["room_mark", "room_add"], "room_mark(room_id=room.pk)  # not room_adder") == ["room_add"]


def test_control_positional_parameters_are_seen():
    function = ast.parse("@transaction.atomic\ndef room_move(room, target, *, by): ...").body[0]
    assert isinstance(function, ast.FunctionDef)

    assert positional(function) == ["room", "target"]
    assert takes_part_in_a_transaction(function)
