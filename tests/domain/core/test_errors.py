"""The catalogue of errors: stable codes, names that say subject and trouble, whole sentences."""

from __future__ import annotations

import re

import pytest

from pms.core.errors import AlreadyTaken, Busy, DomainError, Kind, NotAllowed, NotThere, StaleVersion
from pms.core.http import STATUS, status_of


def test_every_error_has_one_code_of_its_own() -> None:
    assert all(error.code == code for code, error in DomainError.catalogue.items())
    assert len(set(DomainError.catalogue.values())) == len(DomainError.catalogue)


def test_codes_are_words_in_small_letters() -> None:
    assert [code for code in DomainError.catalogue if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", code)] == []


def test_a_code_cannot_be_used_twice() -> None:
    with pytest.raises(TypeError, match="'busy' is already used by Busy"):
        type("StillBusy", (DomainError,), {}, code="busy")

    assert DomainError.catalogue["busy"] is Busy


def test_every_kind_has_a_status() -> None:
    assert set(STATUS) == set(Kind)
    assert all(400 <= status < 600 for status in STATUS.values())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotThere("Room"), 404),
        (NotAllowed("room_mark"), 403),
        (StaleVersion(conflicts={}, current={}, version=2), 412),
        (Busy(), 503),
        (AlreadyTaken("Taken."), 409),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_kind_decides_the_status(error: DomainError, status: int) -> None:
    assert status_of(error) == status


def test_an_error_carries_its_sentence_its_field_and_its_facts() -> None:
    error = AlreadyTaken("Room 101 exists already. Nothing was saved.", field="number", number="101")

    assert str(error) == "Room 101 exists already. Nothing was saved."
    assert (error.code, error.field, error.facts) == ("already_taken", "number", {"number": "101"})


def test_not_there_and_not_yours_read_the_same() -> None:
    assert str(NotThere("Room")) == "Room was not found. It may have been removed, or it belongs to another hotel."
