"""Rooms made of others as partners see and make them."""

from __future__ import annotations

import pytest

from properties.models import Property, Room
from tests.api.partner import Partner, make_partner, problem


@pytest.fixture
def milo(hotel_for_sale: Property) -> Partner:
    """A program of the house."""
    return make_partner([hotel_for_sale], scope="rooms.read rooms.manage rates.read", name="Milo")


def test_a_room_is_made_of_others_and_each_of_them_says_so(milo: Partner, hotel_for_sale: Property) -> None:
    parts = [str(Room.objects.get(property=hotel_for_sale, number=number).pk) for number in ("101", "102")]
    suite = milo.get("rooms/501").json()
    assert (suite["parts"], suite["part_of"]) == ([], None)

    made = milo.patch("rooms/501", {"parts": parts}, seen=suite["version"])

    assert made.json()["parts"] == parts
    assert {milo.get(f"rooms/{number}").json()["part_of"] for number in ("101", "102")} == {suite["id"]}
    day = hotel_for_sale.business_date
    house = milo.get("availability", **{"from": day, "to": day}).json()["results"][-1]
    assert (house["physical"], house["bound"], house["available"]) == (3, 0, 3)
    problem(milo.patch("rooms/501", {"parts": []}, seen=suite["version"]), 412, "stale_version")
    problem(milo.patch("rooms/101", {"parts": parts}, seen=2), 422, "invalid_value")
