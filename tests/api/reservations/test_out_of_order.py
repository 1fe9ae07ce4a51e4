"""Closed rooms as partners see them: closed, listed by nights, kept longer, opened again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from properties.models import Property
from tests.api.partner import Partner, make_partner, problem
from tests.factories.reservations import make_reservation


@pytest.fixture
def milo(hotel_for_sale: Property) -> Partner:
    """A program of maintenance."""
    return make_partner([hotel_for_sale], scope="rooms.read rooms.close rates.read", name="Milo")


def body(hotel: Property, **more: Any) -> dict[str, Any]:
    day = hotel.business_date
    return {
        "room": "101", "from": day.isoformat(), "to": (day + dt.timedelta(days=1)).isoformat(),
        "kind": "out_of_order", "reason": "Shower drips", **more,
    }  # fmt: skip


def test_a_room_is_closed_kept_longer_and_opened(milo: Partner, hotel_for_sale: Property) -> None:
    day = hotel_for_sale.business_date
    made = milo.post("out-of-order", body(hotel_for_sale, return_condition="clean"))
    assert made.status_code == 201
    row = made.json()
    assert {name: row[name] for name in body(hotel_for_sale)} == body(hotel_for_sale)
    assert milo.get("rooms/101").json()["service_state"] == "out_of_order"
    night = milo.get("availability", **{"from": day, "to": day}).json()["results"]
    assert {one["out_of_order"] for one in night} == {0, 1}

    later = (day + dt.timedelta(days=3)).isoformat()
    longer = milo.patch(f"out-of-order/{row['id']}", {"to": later}, seen=row["version"])
    assert longer.json()["to"] == later
    listed = milo.get("out-of-order", **{"from": later, "to": later}).json()["results"]
    assert [one["id"] for one in listed] == [row["id"]]

    assert milo.post(f"out-of-order/{row['id']}/end", {}).status_code == 200
    assert milo.get("rooms/101").json()["service_state"] == "in_service"
    problem(milo.post(f"out-of-order/{row['id']}/end", {}), 404, "not_found")


def test_a_trial_writes_nothing_and_a_refusal_names_the_stays(milo: Partner, hotel_for_sale: Property) -> None:
    assert milo.post("out-of-order?dry_run=true", body(hotel_for_sale)).status_code == 200
    assert milo.get("out-of-order").json()["results"] == []
    for _room in range(2):
        make_reservation(hotel=hotel_for_sale)

    refusal = problem(milo.post("out-of-order", body(hotel_for_sale)), 409, "not_available")
    assert len(refusal["stays"]) == 2
    override = body(hotel_for_sale, override=["not_available"])
    problem(milo.post("out-of-order", override), 403, "not_allowed")
