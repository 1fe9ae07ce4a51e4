"""Room numbers as people write them."""

from __future__ import annotations

import pytest

from properties.room_numbers import floor_of, room_numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("101", ["101"]),
        ("101-103", ["101", "102", "103"]),
        ("101–102, 201 — 202", ["101", "102", "201", "202"]),
        ("001-003", ["001", "002", "003"]),
        ("505A; Garden 1", ["505A", "Garden 1"]),
        ("101\n102,,", ["101", "102"]),
        ("", []),
    ],
)
def test_numbers_and_ranges_are_read(text: str, found: list[str]) -> None:
    assert room_numbers(text).found == found
    assert room_numbers(text).wrong == []


@pytest.mark.parametrize("text", ["120-110", "101-10200", "101–", "?", "x" * 13])
def test_what_cannot_be_read_is_named(text: str) -> None:
    numbers = room_numbers(f"7, {text}, 8")

    assert numbers.found == ["7", "8"]
    assert numbers.wrong == [text]


@pytest.mark.parametrize(
    ("number", "floor"),
    [("101", "1"), ("1204", "12"), ("7", ""), ("12", ""), ("505A", "5"), ("Garden", ""), ("012", "")],
)
def test_the_floor_follows_from_the_number(number: str, floor: str) -> None:
    assert floor_of(number) == floor
