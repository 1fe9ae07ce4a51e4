"""No test falls between the parts of a test run, and none runs twice."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from itertools import combinations

import pytest
from _pytest.mark.expression import Expression

from pms.runtime.root import ROOT
from pms.runtime.testrun import NIGHTLY_PARTS, PARTS

MARKERS = ("browser", "alone", "nightly")


def runs(part: Sequence[str], marked: frozenset[str]) -> bool:
    """Tell whether pytest, called with `part`, runs a test with these markers."""
    chosen = Expression.compile(part[part.index("-m") + 1])
    return chosen.evaluate(lambda name, **_values: name in marked)


@pytest.mark.parametrize(
    "marked", [frozenset(some) for size in range(len(MARKERS) + 1) for some in combinations(MARKERS, size)], ids=sorted
)
def test_every_test_runs_in_exactly_one_part(marked: frozenset[str]) -> None:
    every_change = sum(runs(part, marked) for part in PARTS)
    nightly = sum(runs(part, marked) for part in NIGHTLY_PARTS)
    assert (every_change, nightly) == ((0, 1) if "nightly" in marked else (1, 0))


def test_pytest_alone_leaves_the_nightly_ones_out() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["addopts"]
    assert options.endswith("-m 'not nightly'")
