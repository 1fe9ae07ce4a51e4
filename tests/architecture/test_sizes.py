"""No file, function, template, fragment or script grows beyond what one sitting can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from . import house

FILE, TEST, FUNCTION, TEMPLATE, FRAGMENT, SCRIPT = 400, 500, 50, 150, 40, 200

# What may be longer, and why. An entry that is no longer needed fails, so the list cannot rot.
LONGER: dict[str, str] = {
    "tests/concurrency/test_night_audit.py:test_the_desk_sells_while_the_audit_posts": "one evening, told in order",
    "tests/domain/folios/test_ledger_model.py:machine_for": "the rules of one state machine",
    "tests/flows/test_story_by_api.py:test_from_the_booking_on_a_channel_to_the_departure": "a day, told in order",
}

PARTIAL = re.compile(r"{%\s*partialdef\s+([\w-]+).*?%}(.*?){%\s*endpartialdef", re.DOTALL)


def long_files(paths: tuple[Path, ...], most: int) -> dict[str, int]:
    """Return the files with more lines than `most`."""
    return {house.name_of(path): lines for path in paths if (lines := len(house.text_of(path).splitlines())) > most}


def long_functions(paths: tuple[Path, ...]) -> dict[str, int]:
    """Return the functions that are too long, as file:function."""
    found = {}
    for path in paths:
        for function in house.functions_of(house.tree_of(path)):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION:
                found[f"{house.name_of(path)}:{function.name}"] = lines
    return found


def long_fragments(paths: tuple[Path, ...]) -> dict[str, int]:
    """Return the partials that are too long, as file#partial."""
    return {
        f"{house.name_of(path)}#{name}": lines
        for path in paths
        for name, body in PARTIAL.findall(house.text_of(path))
        if (lines := len(body.strip().splitlines())) > FRAGMENT
    }


@cache
def everything_too_long() -> dict[str, int]:
    """Return all that is too long, with its lines."""
    code, tests = house.python_files("pms", *house.apps()), house.python_files("tests")
    return {
        **long_files(code, FILE),
        **long_files(tests, TEST),
        **long_functions(code + tests),
        **long_files(house.templates(), TEMPLATE),
        **long_fragments(house.templates()),
        **long_files(house.scripts(), SCRIPT),
    }


def test_nothing_is_too_long_to_read():
    too_long = {name: lines for name, lines in everything_too_long().items() if name not in LONGER}

    house.assert_none(
        [f"{name}: {lines} lines" for name, lines in too_long.items()],
        f"Split by topic (lines at most: file {FILE}, test {TEST}, function {FUNCTION}, template {TEMPLATE}, fragment "
        f"{FRAGMENT}, script {SCRIPT}), or name it in LONGER with its reason:",
    )


def test_no_exemption_has_become_needless():
    needless = sorted(set(LONGER) - set(everything_too_long()))

    house.assert_none(needless, "Take these out of LONGER, they are short enough now:")


@pytest.mark.parametrize(
    ("suffix", "text", "judge"),
    [
        (".py", "x = 1\n" * (FILE + 1), lambda paths: long_files(paths, FILE)),
        (".py", "def f():\n" + "    x = 1\n" * FUNCTION, long_functions),
        (".html", "{% partialdef row %}\n" + "<p>\n" * (FRAGMENT + 1) + "{% endpartialdef %}", long_fragments),
        (".js", "let x;\n" * (SCRIPT + 1), lambda paths: long_files(paths, SCRIPT)),
    ],
)
def test_control_something_too_long_is_seen(
    suffix: str, text: str, judge: Callable[[tuple[Path, ...]], dict[str, int]], planted
):
    assert judge((planted(f"long{suffix}", text),))
    assert not judge((planted(f"short{suffix}", "\n".join(text.splitlines()[:2])),))
