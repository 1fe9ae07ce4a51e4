"""What upper apps and the house itself write on stays and stock."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from properties.models import Property, Room, RoomType
from reservations.errors import NotAvailable
from reservations.models import ReservationNight, RoomTypeNight
from reservations.services.front_desk import reservation_flag_set
from reservations.services.house import room_counted
from reservations.services.inventory import inventory_open_type
from tests.factories.properties import make_room_type
from tests.factories.reservations import make_booking, make_reservation, open_for_sale


@pytest.fixture
def sea(hotel: Property) -> Property:
    """The small hotel SEA, open for sale."""
    return open_for_sale(hotel, nights=5)


def test_a_flag_is_raised_once_and_lowered(sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    reservation_flag_set(reservation_id=stay.pk, flag="payment_failed", on=True)
    reservation_flag_set(reservation_id=stay.pk, flag="payment_failed", on=True)
    stay.refresh_from_db()
    assert stay.flags == ["payment_failed"]

    reservation_flag_set(reservation_id=stay.pk, flag="payment_failed", on=False)
    stay.refresh_from_db()
    assert stay.flags == []


@pytest.mark.parametrize(("unknown", "booked"), [("posted", True), ("counted", False)], ids=["posted", "control"])
def test_a_process_that_does_not_know_of_posted_nights_still_books(sea: Property, unknown: str, booked: bool) -> None:
    """While a release goes out, those of the one before are at work on the new tables."""
    stay = make_reservation(hotel=sea)
    known: dict[str, Any] = {**ReservationNight.objects.filter(reservation=stay).values()[0]}
    row: dict[str, Any] = {name: value for name, value in known.items() if name not in {"id", unknown}}
    row |= {"night": known["night"] + dt.timedelta(days=300), "parts": "[]"}
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))

    with (
        nullcontext() if booked else pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT INTO reservations_reservationnight ({columns}) VALUES ({marks})", list(row.values()))

    assert ReservationNight.objects.filter(night=row["night"], posted=False).exists() is booked


def test_a_new_type_is_open_in_every_open_night(sea: Property) -> None:
    kind = make_room_type(hotel=sea, code="FAM", name="Family")

    inventory_open_type(hotel=sea, room_type_id=kind.pk)

    nights = RoomTypeNight.objects.filter(property=sea, room_type=kind)
    house = RoomTypeNight.objects.filter(property=sea, room_type=None)
    assert set(nights.values_list("night", flat=True)) == set(house.values_list("night", flat=True))
    assert set(nights.values_list("physical", flat=True)) == {0}


def test_a_room_less_than_is_sold_is_refused(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)
    double = RoomType.objects.get(property=sea, code="DBL")
    room = Room.objects.get(property=sea, number="101")

    with pytest.raises(NotAvailable):
        room_counted(hotel=sea, room=room, by=-1)
    room_counted(hotel=sea, room=room, by=1)

    tonight = RoomTypeNight.objects.get(property=sea, room_type=double, night=dt.date(2026, 3, 14))
    assert (tonight.physical, tonight.available) == (3, 1)
