"""`?expand=`: what is shown whole, to whom, and at what price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pms.accounts.services import role_set_rights
from properties.models import Property
from properties.permissions import Permission
from reservations.permissions import Permission as Selling
from tests.api.partner import Partner, problem
from tests.factories.reservations import make_booking

MakePartner = Callable[..., Partner]


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """SEA with two stays that arrive today."""
    make_booking(hotel=hotel_with_books, rooms=2)
    return hotel_with_books


def test_objects_stand_beside_their_ids(sea: Property, petra: Partner) -> None:
    rows = petra.get("reservations", expand="room_type,booking,rate_plan,room").json()["results"]
    assert len(rows) == 2
    for row in rows:
        whole = row["expanded"]
        assert set(whole) == {"room_type", "booking", "rate_plan", "room"}
        assert whole["room_type"]["id"] == row["room_type"] and whole["room_type"]["code"] == "DBL"
        assert whole["booking"]["id"] == row["booking"] and row["id"] in whole["booking"]["reservations"]
        assert whole["rate_plan"]["id"] == row["rate_plan"]
        assert whole["room"] is None and row["room"] is None
    assert "expanded" not in petra.get("reservations").json()["results"][0]


def test_a_list_of_ids_becomes_a_list_of_objects(sea: Property, petra: Partner) -> None:
    booking = petra.get("bookings", expand="reservations").json()["results"][0]
    assert [stay["id"] for stay in booking["expanded"]["reservations"]] == booking["reservations"]
    one = petra.get(f"bookings/{booking['id']}", expand="reservations")
    assert one.json()["expanded"] == booking["expanded"] and one["ETag"]


def test_a_room_is_found_by_its_number(sea: Property, petra: Partner) -> None:
    stay = petra.get("reservations").json()["results"][0]["id"]
    assert petra.post(f"reservations/{stay}/assign-room", {"room": "101"}).status_code == 200
    shown = petra.get(f"reservations/{stay}", expand="room").json()
    assert (shown["room"], shown["expanded"]["room"]["number"]) == ("101", "101")


@pytest.mark.parametrize("asked", ["guests", "room_type,nights", "booking.booker", "expanded", ","])
def test_only_what_is_listed_can_be_asked_for(sea: Property, petra: Partner, asked: str) -> None:
    problem(petra.get("reservations", expand=asked), 400, "unreadable")
    problem(petra.get("room-types", expand="rooms"), 400, "unknown_parameter")


def test_each_object_needs_its_own_scope(sea: Property, partner_with: MakePartner) -> None:
    reader = partner_with("reservations.read")
    assert reader.get("reservations").status_code == 200
    told = problem(reader.get("reservations", expand="booking,room_type"), 403, "insufficient_scope")
    assert told["scope"] == "rooms.read"
    shown = reader.get("reservations", expand="booking").json()["results"][0]["expanded"]["booking"]
    assert shown["booker"] is None  # guests.read is needed inside as well


def test_each_object_needs_its_own_right(sea: Property, petra: Partner) -> None:
    role_set_rights(
        property_id=sea.pk, role=petra.client.role, rights=[Permission.HOTEL_VIEW, Selling.RESERVATION_VIEW]
    )
    problem(petra.get("reservations", expand="room_type"), 403, "not_allowed")


def test_objects_of_another_hotel_are_not_there(sea: Property, petra: Partner) -> None:
    from properties.api.expansions import ROOM_TYPE

    class Elsewhere:
        hotel = type("Hotel", (), {"pk": "01a2032c-4246-763c-a6c2-f4b84bfad119"})

    own = petra.get("room-types").json()["results"][0]["id"]
    elsewhere: Any = Elsewhere()
    assert ROOM_TYPE.load(elsewhere, [own]) == {}


@pytest.mark.parametrize(
    ("path", "asked", "most"),
    [("reservations", "room_type,booking,rate_plan,room", 9), ("bookings", "reservations", 8)],
)
def test_more_rows_cost_no_more_questions(sea: Property, petra: Partner, path: str, asked: str, most: int) -> None:
    def questions(**query: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert petra.get(path, **query).status_code == 200
        return len(seen)

    plain = questions()
    few = questions(expand=asked)
    make_booking(hotel=sea, rooms=3, room_type="DBL", nights=1, arrival=sea.business_date.replace(day=20), forced=True)
    assert questions(expand=asked) <= few
    assert few - plain <= most
