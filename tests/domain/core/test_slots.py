"""Slots: what an upper app puts into a lower page comes in order, once, and only for those who may see it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pms.core import slots
from pms.core.slots import Entry


@pytest.fixture(autouse=True)
def _own_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import defaultdict

    monkeypatch.setattr(slots, "_slots", defaultdict(dict))


def balance(ids: list[int]) -> dict[int, str]:
    return dict.fromkeys(ids, "0.00")


def entry(code: str, **options: Any) -> Entry:
    return Entry(code=code, provider=balance, **options)


def codes(**options: Any) -> list[str]:
    return [found.code for found in slots.entries("panel", **options)]


def test_entries_come_by_order_then_by_code() -> None:
    for item in (entry("b"), entry("last", order=200), entry("a"), entry("first", order=1)):
        slots.register("panel", item)

    assert codes() == ["first", "a", "b", "last"]


def test_an_unknown_slot_is_empty() -> None:
    assert codes() == []


def test_the_same_entry_twice_is_one_and_another_with_its_code_is_refused() -> None:
    slots.register("panel", entry("folio"))
    slots.register("panel", entry("folio"))

    with pytest.raises(ValueError, match="Slot 'panel' already has an entry 'folio'"):
        slots.register("panel", entry("folio", order=5))

    assert codes() == ["folio"]


def test_slots_do_not_mix() -> None:
    slots.register("panel", entry("folio"))
    slots.register("menu", entry("rates"))

    assert codes() == ["folio"]


def test_entries_with_a_right_are_only_for_its_holders() -> None:
    slots.register("panel", entry("open"))
    slots.register("panel", entry("money", right="folio_view"))

    assert codes(rights=frozenset({"room_view"})) == ["open"]
    assert codes(rights=frozenset({"folio_view"})) == ["money", "open"]
    assert codes() == ["money", "open"]


def test_an_entry_cannot_be_changed_and_provides() -> None:
    item = entry("folio")

    with pytest.raises(dataclasses.FrozenInstanceError):
        item.order = 1  # type: ignore[misc]
    assert item.provider([1, 2]) == {1: "0.00", 2: "0.00"}
