"""Guests in rooms, for tests of housekeeping: booked, planned into a room, checked in, by the real services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from properties.models import Property, Room
from reservations.models import Reservation
from reservations.services.front_desk import reservation_check_in
from reservations.services.stays import reservation_assign_room
from tests.factories.reservations import make_reservation


def expected_in(room: Room, **stay: Any) -> Reservation:
    """Book a stay and plan it into the room; it arrives today unless told otherwise."""
    hotel = fresh(room.property)
    reservation = make_reservation(hotel=hotel, **{"room_type": room.room_type.code, "nights": 2, **stay})
    reservation_assign_room(hotel=hotel, reservation_id=reservation.pk, room_id=room.pk)
    return reservation


def guest_in(room: Room, **stay: Any) -> Reservation:
    """Let a guest arrive in the room today."""
    reservation = expected_in(room, **stay)
    return reservation_check_in(hotel=fresh(room.property), reservation_id=reservation.pk)


def fresh(hotel: Property) -> Property:
    """Return the hotel as it is stored now: its day may have rolled."""
    return Property.objects.get(pk=hotel.pk)


def days(hotel: Property, number: int) -> dt.date:
    """Return the date so many days after the business date."""
    return hotel.business_date + dt.timedelta(days=number)
