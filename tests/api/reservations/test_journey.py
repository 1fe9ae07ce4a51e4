"""A partner's way from the search to the departure, and what is refused on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from properties.models import Property, Room
from properties.services import room_mark, room_set_occupancy
from reservations.models import Booking
from tests.api.partner import Partner, make_partner, problem

ARRIVAL, DEPARTURE = "2026-03-14", "2026-03-16"


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return hotel_with_books


@pytest.fixture
def partner_of_both(hotel: Property, other_hotel: Property) -> Partner:
    """A program that may do everything at SEA and at LAK."""
    return make_partner([hotel, other_hotel])


def ids(petra: Partner) -> dict[str, str]:
    """Return the ids of room types and plans by their codes."""
    rows = petra.get("room-types").json()["results"] + petra.get("rate-plans").json()["results"]
    return {row["code"]: row["id"] for row in rows}


def booking(petra: Partner, *, kind: str = "DBL", plan: str = "BB", rooms: int = 1, **stay: Any) -> dict[str, Any]:
    """Return the body of a booking for two adults."""
    known = ids(petra)
    one = {
        "room_type": known[kind],
        "rate_plan": known[plan],
        "arrival": ARRIVAL,
        "departure": DEPARTURE,
        "adults": 2,
        **stay,
    }
    return {"booker": {"first_name": "Jordi", "last_name": "Martí"}, "reservations": [one] * rooms}


def book(petra: Partner, key: str = "k1", **options: Any) -> dict[str, Any]:
    """Book and return the first stay."""
    made = petra.post("bookings", booking(petra, **options), key=key)
    assert made.status_code == 201, made.content
    stay: dict[str, Any] = petra.get(f"reservations/{made.json()['reservations'][0]}").json()
    return stay


def test_offers_say_what_a_stay_costs_and_what_comes_on_top(sea: Property, petra: Partner) -> None:
    found = petra.get("offers", arrival=ARRIVAL, departure=DEPARTURE, adults=2).json()["results"]

    known = ids(petra)
    offer = next(o for o in found if (o["room_type"], o["rate_plan"]) == (known["DBL"], known["BB"]))
    assert offer["available"] == 2
    assert offer["total"] == {"amount": "312.00", "currency": "EUR"}
    assert offer["grand_total"] == {"amount": "322.00", "currency": "EUR"}
    assert [night["date"] for night in offer["nights"]] == ["2026-03-14", "2026-03-15"]
    assert offer["taxes"][0] == {
        "code": "city_tax",
        "amount": {"amount": "10.00", "currency": "EUR"},
        "included": False,
    }
    single = next(o for o in found if o["room_type"] == known["SGL"])
    assert [reason["code"] for reason in single["why_not"]] == ["capacity_exceeded"]


def test_a_booking_lowers_the_availability(sea: Property, petra: Partner) -> None:
    stay = book(petra)

    assert (stay["status"], stay["total"]["amount"], stay["balance"]["amount"]) == ("confirmed", "312.00", "0.00")
    rows = petra.get("availability", **{"from": ARRIVAL, "to": ARRIVAL}).json()["results"]
    by_type = {row["room_type"]: row["sellable"] for row in rows}
    assert by_type[ids(petra)["DBL"]] == 1
    assert by_type[None] == 3


def test_a_sold_out_night_is_409_with_alternatives(sea: Property, petra: Partner) -> None:
    assert petra.post("bookings", booking(petra, rooms=2), key="a").status_code == 201

    refused = petra.post("bookings", booking(petra), key="b")

    body = problem(refused, 409, "not_available")
    assert body["alternatives"][0]["room_type"] == ids(petra)["SUI"]
    assert Booking.objects.count() == 1


def test_a_repeat_with_the_same_key_is_the_same_booking(sea: Property, petra: Partner) -> None:
    first = petra.post("bookings", booking(petra), key="same")
    again = petra.post("bookings", booking(petra), key="same")

    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Booking.objects.count() == 1
    problem(petra.post("bookings", booking(petra)), 400, "idempotency_key_required")


def test_a_dry_run_books_nothing(sea: Property, petra: Partner) -> None:
    tried = petra.post("bookings?dry_run=true", booking(petra))

    assert tried.status_code == 200
    assert not Booking.objects.exists()


def test_from_assigning_to_the_departure(sea: Property, petra: Partner, room: Room) -> None:
    stay = book(petra)
    path = f"reservations/{stay['id']}"
    reasons = {action["name"]: [reason["code"] for reason in action["reasons"]] for action in stay["actions"]}
    assert (reasons["assign_room"], reasons["check_in"]) == ([], ["room_not_assigned"])

    assert petra.post(f"{path}/assign-room", {"room": "101"}).json()["room"] == "101"
    room_mark(room_id=room.pk, condition="dirty")
    problem(petra.post(f"{path}/check-in", {}), 409, "room_not_ready")
    room_mark(room_id=room.pk, condition="clean")
    assert petra.post(f"{path}/check-in", {}).json()["status"] == "in_house"

    body = problem(petra.post(f"{path}/check-out", {}), 409, "early_departure")
    assert body["nights"] == 2
    meant = {"override": ["early_departure"], "reason": "Family"}
    left = petra.post(f"{path}/check-out", meant).json()
    assert (left["status"], left["departure"]) == ("checked_out", "2026-03-15")


def test_a_dirty_room_can_be_accepted_and_an_occupied_one_never(sea: Property, petra: Partner, room: Room) -> None:
    path = f"reservations/{book(petra)['id']}"
    petra.post(f"{path}/assign-room", {"room": "101"})
    room_mark(room_id=room.pk, condition="dirty")
    room_set_occupancy(room_id=room.pk, occupancy="occupied")
    anyway = {"override": ["room_not_ready"], "reason": "The guest insists"}

    problem(petra.post(f"{path}/check-in", anyway), 409, "room_occupied")
    assert petra.post(f"{path}/check-in", {**anyway, "override": ["room_occupied"]}).status_code == 422

    room_set_occupancy(room_id=room.pk, occupancy="vacant")
    assert petra.post(f"{path}/check-in", anyway).json()["status"] == "in_house"


def test_an_unassigned_stay_gives_its_room_back_and_can_be_cancelled(sea: Property, petra: Partner) -> None:
    stay = book(petra)
    path = f"reservations/{stay['id']}"
    petra.post(f"{path}/assign-room", {"room": "101"})

    assert petra.post(f"{path}/unassign-room", {}).json()["room"] is None
    cancelled = petra.post(f"{path}/cancel", {"reason": "Flight"}).json()

    assert cancelled["status"] == "cancelled"
    problem(petra.post(f"{path}/cancel", {"reason": "Again"}), 409, "wrong_state")
    problem(petra.post(f"{path}/assign-room", {"room": "999"}), 404, "not_found")


def test_a_walk_in_is_in_house_at_once(sea: Property, petra: Partner) -> None:
    stay = book(petra, check_in=True)

    assert (stay["status"], stay["walk_in"], stay["room"]) == ("in_house", True, "101")


def test_notes_are_merged_by_version(sea: Property, petra: Partner) -> None:
    stay = book(petra)
    path = f"reservations/{stay['id']}"

    assert petra.patch(path, {"notes": "Late arrival"}, seen=stay["version"]).json()["notes"] == "Late arrival"
    stale = petra.patch(path, {"notes": "Early arrival"}, seen=stay["version"])

    body = problem(stale, 412, "stale_version")
    assert body["current"] == {"notes": "Late arrival"}
    problem(petra.patch(path, {"notes": "x"}), 428, "version_required")


def test_stays_are_found_by_night_and_status(sea: Property, petra: Partner) -> None:
    book(petra)
    later = (dt.date(2026, 3, 14) + dt.timedelta(days=5)).isoformat()

    here = petra.get("reservations", **{"from": "2026-03-15", "to": "2026-03-15", "status": "confirmed"})
    gone = petra.get("reservations", **{"from": later, "to": later})

    assert len(here.json()["results"]) == 1
    assert gone.json()["results"] == []


def test_prices_are_set_in_bulk(sea: Property, petra: Partner) -> None:
    known = ids(petra)
    value = {
        "room_type": known["DBL"],
        "rate_plan": known["BAR"],
        "from": "2026-03-14",
        "to": "2026-03-27",
        "days": ["sa", "su"],
        "price": {"amount": "150.00", "currency": "EUR"},
    }

    assert petra.send("PUT", "rates", {"values": [value]}).json() == {"cells": 4}

    found = petra.get("offers", arrival=ARRIVAL, departure="2026-03-17", adults=2, rate_plan=known["BAR"]).json()
    double = next(offer for offer in found["results"] if offer["room_type"] == known["DBL"])
    assert [night["price"]["amount"] for night in double["nights"]] == ["150.00", "150.00", "120.00"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"departure": ARRIVAL}, 422, "stay_incomplete"),
        ({"arrival": "2026-03-13"}, 422, "arrival_in_past"),
        ({"adults": 3}, 422, "capacity_exceeded"),
        ({"departure": "2027-01-01"}, 409, "price_missing"),
        ({"adults": 0}, 400, "invalid"),
        ({"arrival": "14.03.2026"}, 400, "invalid"),
        ({"nights": 3}, 400, "invalid"),
    ],
)
def test_senseless_bookings_are_refused_and_leave_nothing(
    sea: Property, petra: Partner, change: dict[str, Any], status: int, code: str
) -> None:
    refused = petra.post("bookings", booking(petra, **change), key="n")

    assert refused.status_code == status, refused.content
    if status != 400:
        problem(refused, status, code)
    assert not Booking.objects.exists()


def test_another_hotel_is_not_there(sea: Property, other_hotel: Property, petra: Partner) -> None:
    problem(petra.get("/api/v1/properties/LAK/reservations"), 404, "not_found")


def test_a_stay_of_another_hotel_is_not_there_for_any_act(
    sea: Property, other_hotel: Property, petra: Partner, partner_of_both: Partner
) -> None:
    stay = book(petra)
    acts = {"assign-room": {"room": "101"}, "cancel": {"reason": "Flight"}}
    names = ["check-in", "undo-check-in", "check-out", "undo-check-out", "unassign-room", *acts]

    for pk in (stay["id"], "0197a0c0-0000-7000-8000-000000000000"):
        for name in names:
            path = f"/api/v1/properties/{other_hotel.code}/reservations/{pk}/{name}"
            problem(partner_of_both.post(path, acts.get(name, {})), 404, "not_found")

    assert petra.get(f"reservations/{stay['id']}").json()["status"] == "confirmed"
