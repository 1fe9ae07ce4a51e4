"""Whoever owns the database changes, deletes, swaps, inserts, cuts or rewrites: each time the check finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.core.chains import ATTACKS, attacked, check, make_chain

pytestmark = pytest.mark.django_db

LENGTH = 40


def missed(cases: range, folder: Path) -> list[str]:
    """Return the attacks that went unseen; the chain is whole before, between and after."""
    make_chain(LENGTH, folder)
    assert check(folder).findings == []
    unseen = []
    for number in cases:
        name, result = attacked(number, folder)
        if not result.findings:
            unseen.append(f"{name} ({number})")
    whole = check(folder)
    assert (whole.findings, whole.entries, whole.heads) == ([], LENGTH, 1)
    return unseen


def test_every_attack_on_the_chain_is_found(tmp_path: Path) -> None:
    assert missed(range(70), tmp_path) == []


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_thousand_attacks_on_the_chain_are_all_found(tmp_path: Path) -> None:
    assert missed(range(1_000, 2_000), tmp_path) == []


@pytest.mark.parametrize("name", ["cut_the_tail", "rewrite"])
def test_control_without_a_signed_head_a_clever_owner_goes_unseen(name: str, tmp_path: Path) -> None:
    make_chain(LENGTH, tmp_path)
    (tmp_path / "heads.jsonl").unlink()
    number = next(place for place, attack in enumerate(ATTACKS) if attack.__name__ == name)

    assert attacked(number, tmp_path)[1].findings == []
