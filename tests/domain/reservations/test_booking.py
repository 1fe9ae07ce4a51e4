"""Booking: what is sold leaves the counters, what is refused leaves nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from properties.models import Property
from reservations.errors import NotAvailable
from reservations.models import Booking, RoomTypeNight
from tests.factories.reservations import make_booking, make_reservation, open_for_sale


@pytest.fixture
def sea(hotel: Property) -> Property:
    """The small hotel SEA, open for sale."""
    return open_for_sale(hotel)


def left(hotel: Property, code: str | None, night: dt.date) -> int:
    """Return what is available of a type (None: the house) in a night."""
    rows = RoomTypeNight.objects.filter(property=hotel, night=night)
    row = rows.get(room_type=None) if code is None else rows.get(room_type__code=code)
    return row.available


def test_a_booking_lowers_the_type_and_the_house(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, nights=2, adults=2, rate_plan="BB")

    assert reservation.total == Decimal("312.00")
    first = sea.business_date
    assert [left(sea, "DBL", first + dt.timedelta(days=d)) for d in range(3)] == [1, 1, 2]
    assert [left(sea, None, first + dt.timedelta(days=d)) for d in range(3)] == [3, 3, 4]


def test_a_sold_out_night_is_refused_with_alternatives_and_nothing_stays(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)

    with pytest.raises(NotAvailable) as refusal:
        make_booking(hotel=sea)

    assert Booking.objects.count() == 1
    assert left(sea, "DBL", sea.business_date) == 0
    offered = refusal.value.facts["alternatives"]
    assert [(a["room_type_code"], a["arrival"]) for a in offered[:2]] == [("SGL", "2026-03-14"), ("SUI", "2026-03-14")]


def test_the_trial_hotel_sells_fifty_rooms(trial_hotel: Any) -> None:
    open_for_sale(trial_hotel, nights=2)

    night = trial_hotel.business_date
    assert [left(trial_hotel, code, night) for code in ("SGL", "DBL", "SUI", None)] == [15, 30, 5, 50]
