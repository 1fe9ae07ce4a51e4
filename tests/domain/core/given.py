"""The smallest hotel that the kernel's tests need, saved through the models themselves."""

from __future__ import annotations

import datetime as dt
import itertools

from pms.accounts.models import SecondStepPolicy
from properties.models import Organization, Property, Room, RoomType

_numbers = itertools.count(1)


def make_hotel(*, organization: Organization | None = None, name: str = "Seaside") -> Property:
    """Save a hotel with a code of its own, which asks nobody for a second step."""
    organization = organization or Organization.objects.create(name="House of Tests")
    hotel: Property = Property.objects.create(
        organization=organization,
        code=f"K{next(_numbers)}",
        name=name,
        time_zone="Europe/Berlin",
        currency="EUR",
        business_date=dt.date(2026, 11, 22),
    )
    SecondStepPolicy.objects.create(property_id=hotel.pk, asked=False)
    return hotel


def make_type(hotel: Property, *, code: str = "DBL", name: str = "Double") -> RoomType:
    """Save a room type."""
    return RoomType.objects.create(property=hotel, code=code, name=name)


def make_room(hotel: Property | None = None, *, number: str = "101", room_type: RoomType | None = None) -> Room:
    """Save a room, with a hotel and a type if none are given."""
    hotel = hotel or make_hotel()
    room_type = room_type or make_type(hotel, code=f"T{next(_numbers)}")
    return Room.objects.create(property=hotel, room_type=room_type, number=number)
