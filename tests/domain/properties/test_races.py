"""Races of the hotel: its day, its owners, its room numbers; the day has a control without the lock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from properties import services
from properties.models import Property
from tests.factories.properties import make_hotel
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def yesterdays_hotel(transactional_db: Any) -> Property:
    """A hotel whose day may roll now."""
    hotel = make_hotel()
    hotel.business_date = hotel.local_now().date() - dt.timedelta(days=1)
    hotel.save()
    return hotel


def stamp_while_rolling(hotel: Property, *, held: bool) -> tuple[dt.date, dt.date, Any]:
    """Stamp twice by the business date in one transaction while another rolls the day; return both and the roll."""
    meet = Rendezvous()

    def write() -> tuple[dt.date, dt.date]:
        with transaction.atomic():
            first = read()
            meet.reached("stamped")
            if not held:
                meet.wait_for("rolled")
            return first, read()

    def read() -> dt.date:
        if held:
            return services.business_day_shared(property_id=hotel.pk)
        return Property.objects.get(pk=hotel.pk).business_date

    def roll() -> Property:
        meet.wait_for("stamped")
        rolled = services.business_date_roll(hotel=hotel)
        meet.reached("rolled")
        return rolled

    stamps, rolled = together(write, roll)
    return (*stamps, rolled)


def test_the_day_does_not_roll_under_somebody_who_writes_by_it(yesterdays_hotel: Property) -> None:
    first, second, rolled = stamp_while_rolling(yesterdays_hotel, held=True)

    assert first == second == yesterdays_hotel.business_date
    assert rolled.business_date == first + dt.timedelta(days=1)


def test_without_the_lock_one_transaction_sees_two_days(yesterdays_hotel: Property) -> None:
    first, second, _rolled = stamp_while_rolling(yesterdays_hotel, held=False)

    assert second == first + dt.timedelta(days=1)


def test_two_audits_at_once_roll_two_days_one_after_the_other(yesterdays_hotel: Property) -> None:
    start = yesterdays_hotel.business_date

    together(
        lambda: services.business_date_roll(hotel=yesterdays_hotel),
        lambda: services.business_date_roll(hotel=yesterdays_hotel),
    )

    assert Property.objects.get(pk=yesterdays_hotel.pk).business_date == start + dt.timedelta(days=2)


def test_two_owners_who_leave_at_once_leave_one_behind(transactional_db: Any) -> None:
    hotel = make_hotel()
    services.staff_add(property_id=hotel.pk, email="otto@sea.example", name="Otto", roles=["owner"])
    members = list(hotel.memberships.all())

    results = together(*(lambda pk=member.pk: services.staff_remove(membership_id=pk) for member in members))

    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]
    assert hotel.memberships.count() == 1


def test_two_rooms_with_one_number_at_once_make_one(transactional_db: Any) -> None:
    hotel = make_hotel()
    kind = services.room_type_add(property_id=hotel.pk, code="DBL", name="Double")

    def add() -> object:
        return services.room_add(property_id=hotel.pk, room_type_id=kind.pk, number="101")

    results = together(add, add, add)

    assert sorted(type(result).__name__ for result in results) == ["Room", "RoomNumberTaken", "RoomNumberTaken"]
    assert hotel.rooms.count() == 1
