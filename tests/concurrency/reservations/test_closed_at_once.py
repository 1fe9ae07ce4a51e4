"""Closing a room races with planning a stay into it and with selling the last one; the control has no guard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from properties.models import Property, Room
from reservations.models import OutOfOrder, Reservation, RoomAssignment
from reservations.services import out_of_order, stays
from reservations.services.day import day_held_open
from reservations.services.out_of_order import out_of_order_set
from reservations.services.stays import reservation_assign_room
from tests.concurrency.reservations.selling import assert_counts_are_right, doubles, names, selling_hotel
from tests.factories.reservations import make_reservation
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def closing(hotel: Property, number: str = "101") -> Callable[[], OutOfOrder]:
    room = Room.objects.get(property=hotel, number=number)
    day = hotel.business_date
    return lambda: out_of_order_set(
        hotel=hotel, room_id=room.pk, kind="out_of_order", first=day, last=day, reason="Shower drips"
    )


def planning(hotel: Property) -> Callable[[], Reservation]:
    stay = make_reservation(hotel=hotel)
    room = Room.objects.get(property=hotel, number="101")
    return lambda: reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room.pk)


def in_both(hotel: Property) -> bool:
    """Tell whether a stay is planned into a room that is out of order in the same night."""
    closed = OutOfOrder.objects.get(property=hotel, active=True)
    return RoomAssignment.objects.filter(room=closed.room_id, active=True, nights__overlap=closed.nights).exists()


@pytest.mark.parametrize("turn", range(5))
def test_a_room_is_planned_or_closed_never_both(transactional_db: Any, turn: int) -> None:
    hotel = selling_hotel([doubles(3)])
    acts = [planning(hotel), closing(hotel)]

    results = names(together(*(acts if turn % 2 else reversed(acts))))

    assert results in (["RoomClosed", "ok"], ["RoomNeeded", "ok"])
    assert_counts_are_right(hotel)


def test_control_without_the_lock_it_is_both(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = selling_hotel([doubles(3)])
    acts = [planning(hotel), closing(hotel)]
    checked = threading.Barrier(2)
    for module in (stays, out_of_order):
        monkeypatch.setattr(module, "stock_held", day_held_open)
        real = module.room_locked_for_update
        # Both have looked before either writes: without the lock nothing keeps them from it.
        monkeypatch.setattr(
            module, "room_locked_for_update", lambda *args, real=real: (checked.wait(30), real(*args))[1]
        )

    assert names(together(*acts)) == ["ok", "ok"]
    assert in_both(hotel)


def test_the_last_room_is_sold_or_closed(transactional_db: Any) -> None:
    hotel = selling_hotel([doubles(1)])

    results = names(together(lambda: make_reservation(hotel=hotel), closing(hotel)))

    assert results == ["NotAvailable", "ok"]
    assert_counts_are_right(hotel)


def test_two_who_close_one_room_close_it_once(transactional_db: Any) -> None:
    hotel = selling_hotel([doubles(3)])

    assert names(together(closing(hotel), closing(hotel))) == ["RoomClosed", "ok"]
    assert_counts_are_right(hotel)
