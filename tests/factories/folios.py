"""Guests in house for tests, with a folio; made by the real services."""

from __future__ import annotations

from typing import Any

from folios.models import Folio
from folios.seed import trial_books
from folios.selectors.folios import folio_of_stay
from properties.models import Property, Room
from properties.services import room_mark
from reservations.models import Reservation
from reservations.services.front_desk import reservation_check_in
from reservations.services.stays import reservation_assign_room
from tests.factories.reservations import make_reservation, open_for_sale


def open_for_business(hotel: Property, *, nights: int = 60) -> Property:
    """Open the hotel for sale and give it its transaction codes and invoice series; return it."""
    trial_books(open_for_sale(hotel, nights=nights))
    return hotel


def make_guest_in_house(*, hotel: Property, room: str = "101", **stay: Any) -> tuple[Reservation, Folio]:
    """Book, assign and check in; return the stay and its folio."""
    reservation = make_reservation(hotel=hotel, **stay)
    where = Room.objects.select_related("room_type").get(property=hotel, number=room)
    if where.room_type.inspect_departures:
        room_mark(room_id=where.pk, condition=Room.Condition.INSPECTED)
    reservation_assign_room(hotel=hotel, reservation_id=reservation.pk, room_id=where.pk)
    reservation = reservation_check_in(hotel=hotel, reservation_id=reservation.pk)
    folio = folio_of_stay(reservation.pk)
    assert folio is not None
    return reservation, folio
