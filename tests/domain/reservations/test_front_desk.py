"""The desk's acts: who may have the key, and what a departure leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from properties.errors import RoomOccupied
from properties.models import Property, Room
from properties.services import room_mark, room_set_occupancy
from properties.services.business_day import business_date_roll
from reservations.drafts import GuestDraft
from reservations.errors import (
    EarlyDeparture,
    NotAvailable,
    NotDueYet,
    RoomNotAssigned,
    RoomNotReady,
    RoomTaken,
    WrongState,
)
from reservations.models import Reservation, RoomTypeNight
from reservations.selectors.recount import recount
from reservations.services.front_desk import (
    reservation_check_in,
    reservation_check_out,
    reservation_undo_check_in,
    reservation_undo_check_out,
    walk_in_create,
)
from reservations.services.stays import reservation_assign_room
from tests.factories.reservations import make_reservation, make_stay


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    """The small hotel SEA, open for sale."""
    return hotel_for_sale


@pytest.fixture
def arriving(sea: Property, room: Room) -> Reservation:
    """Two nights from the business date, planned into room 101."""
    reservation = make_reservation(hotel=sea, nights=2)
    reservation_assign_room(hotel=sea, reservation_id=reservation.pk, room_id=room.pk)
    return reservation


def test_a_guest_gets_the_key_of_a_ready_room(sea: Property, arriving: Reservation, room: Room) -> None:
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)

    arriving.refresh_from_db()
    room.refresh_from_db()
    assert (arriving.status, arriving.checked_in_date) == ("in_house", sea.business_date)
    assert room.occupancy == "occupied"


def test_check_in_to_a_dirty_room_is_refused_and_leaves_nothing(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    room_mark(room_id=room.pk, condition="dirty")

    with pytest.raises(RoomNotReady) as refusal:
        reservation_check_in(hotel=sea, reservation_id=arriving.pk)

    arriving.refresh_from_db()
    room.refresh_from_db()
    assert (arriving.status, room.occupancy) == ("confirmed", "vacant")
    assert refusal.value.facts == {"room": "101", "condition": "dirty"}


def test_the_right_to_override_lets_a_guest_into_a_dirty_room(sea: Property, arriving: Reservation, room: Room) -> None:
    room_mark(room_id=room.pk, condition="dirty")

    reservation_check_in(hotel=sea, reservation_id=arriving.pk, accepted=["room_not_ready"])

    arriving.refresh_from_db()
    assert arriving.status == "in_house"


def test_no_right_lets_a_guest_into_a_room_with_somebody_in_it(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    """Dirty can be accepted, occupied cannot, whatever an edge passes; vacant again and still dirty, it can."""
    room_mark(room_id=room.pk, condition="dirty")
    room_set_occupancy(room_id=room.pk, occupancy="occupied")

    with pytest.raises(RoomOccupied) as refusal:
        reservation_check_in(hotel=sea, reservation_id=arriving.pk, accepted=["room_not_ready"])

    arriving.refresh_from_db()
    assert (arriving.status, refusal.value.facts) == ("confirmed", {"room": "101"})
    room_set_occupancy(room_id=room.pk, occupancy="vacant")
    assert reservation_check_in(hotel=sea, reservation_id=arriving.pk, accepted=["room_not_ready"]).status == "in_house"


def test_a_walk_in_is_not_put_into_a_room_with_somebody_in_it(sea: Property, room: Room) -> None:
    room_set_occupancy(room_id=room.pk, occupancy="occupied")

    with pytest.raises(RoomOccupied):
        walk_in_create(
            hotel=sea,
            booker=GuestDraft("Night", "Nora"),
            stay=make_stay(hotel=sea),
            room_id=room.pk,
            accepted=["room_not_ready"],
        )

    assert not Reservation.objects.exists()


def test_a_check_out_is_not_taken_back_once_somebody_else_is_in_the_room(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)
    reservation_check_out(hotel=sea, reservation_id=arriving.pk, accepted=["early_departure"])
    room_set_occupancy(room_id=room.pk, occupancy="occupied")

    with pytest.raises(RoomOccupied):
        reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)


def test_nobody_checks_in_without_a_room_or_before_the_day(sea: Property) -> None:
    roomless = make_reservation(hotel=sea)
    early = make_reservation(hotel=sea, arrival=sea.business_date + dt.timedelta(days=1))

    with pytest.raises(RoomNotAssigned):
        reservation_check_in(hotel=sea, reservation_id=roomless.pk)
    with pytest.raises(NotDueYet):
        reservation_check_in(hotel=sea, reservation_id=early.pk)


def test_leaving_early_must_be_meant_and_gives_the_nights_back(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)
    tomorrow = sea.business_date + dt.timedelta(days=1)

    with pytest.raises(EarlyDeparture):
        reservation_check_out(hotel=sea, reservation_id=arriving.pk)
    reservation_check_out(hotel=sea, reservation_id=arriving.pk, accepted=["early_departure"])

    arriving.refresh_from_db()
    room.refresh_from_db()
    assert (arriving.status, arriving.departure) == ("checked_out", tomorrow)
    assert (room.occupancy, room.condition) == ("vacant", "dirty")
    free = RoomTypeNight.objects.get(property=sea, room_type__code="DBL", night=tomorrow)
    assert free.available == 2


def left_at_once(hotel: Property, stay: Reservation) -> Reservation:
    """Check the guest in and out again on the day of arrival."""
    reservation_check_in(hotel=hotel, reservation_id=stay.pk)
    return reservation_check_out(hotel=hotel, reservation_id=stay.pk, accepted=["early_departure"])


def free_tonight(hotel: Property) -> int:
    return RoomTypeNight.objects.get(property=hotel, room_type__code="DBL", night=hotel.business_date).available


@pytest.mark.parametrize("nights", [1, 2])
def test_who_leaves_on_the_day_of_arrival_owes_no_night_and_tonight_is_for_sale(
    sea: Property, room: Room, nights: int
) -> None:
    stay = make_reservation(hotel=sea, nights=nights)
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)
    assert free_tonight(sea) == 1

    left = left_at_once(sea, stay)

    assert (left.status, left.departure, left.total) == ("checked_out", sea.business_date + dt.timedelta(days=1), 0)
    assert free_tonight(sea) == 2
    assert recount(sea) == []
    room_mark(room_id=room.pk, condition="clean")
    other = make_reservation(hotel=sea, nights=1)
    reservation_assign_room(hotel=sea, reservation_id=other.pk, room_id=room.pk)
    assert reservation_check_in(hotel=sea, reservation_id=other.pk).status == "in_house"


def test_who_leaves_a_day_later_keeps_the_night_that_was_slept(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)
    price = arriving.total
    with time_machine.travel("2026-03-15T10:00:00+01:00"):
        business_date_roll(hotel=sea)
        sea.refresh_from_db()
        left = reservation_check_out(hotel=sea, reservation_id=arriving.pk, accepted=["early_departure"])

    assert (left.departure, left.total, left.night_count) == (sea.business_date, price / 2, 1)
    assert free_tonight(sea) == 2
    assert recount(sea) == []


def test_the_departure_on_the_day_of_arrival_can_be_taken_back_while_tonight_is_free(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    left_at_once(sea, arriving)

    back = reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)

    assert (back.status, back.night_count, back.total) == ("in_house", 1, back.nights.get().price)
    assert arriving.assignments.get(active=True).room_id == room.pk
    assert free_tonight(sea) == 1
    assert recount(sea) == []


def test_and_not_once_tonight_or_the_room_is_sold(sea: Property, arriving: Reservation, room: Room) -> None:
    left_at_once(sea, arriving)
    first = make_reservation(hotel=sea, nights=1)
    reservation_assign_room(hotel=sea, reservation_id=first.pk, room_id=room.pk)

    with pytest.raises(RoomTaken):
        reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)
    make_reservation(hotel=sea, nights=1)
    with pytest.raises(NotAvailable, match="sold since"):
        reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)

    arriving.refresh_from_db()
    assert (arriving.status, recount(sea)) == ("checked_out", [])


def test_check_in_and_check_out_can_be_taken_back_on_their_day(
    sea: Property, arriving: Reservation, room: Room
) -> None:
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)
    reservation_undo_check_in(hotel=sea, reservation_id=arriving.pk)
    room.refresh_from_db()
    assert (room.occupancy, room.condition) == ("vacant", "dirty")

    room_mark(room_id=room.pk, condition="clean")
    reservation_check_in(hotel=sea, reservation_id=arriving.pk)
    reservation_check_out(hotel=sea, reservation_id=arriving.pk, accepted=["early_departure"])
    reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)

    arriving.refresh_from_db()
    room.refresh_from_db()
    assert (arriving.status, room.occupancy) == ("in_house", "occupied")
    with pytest.raises(WrongState):
        reservation_undo_check_out(hotel=sea, reservation_id=arriving.pk)


def test_a_walk_in_sleeps_in_the_first_ready_room(sea: Property, room: Room) -> None:
    room_mark(room_id=room.pk, condition="dirty")

    booking = walk_in_create(hotel=sea, booker=GuestDraft("Night", "Nora"), stay=make_stay(hotel=sea))

    reservation = booking.reservations.get()
    assert (reservation.status, reservation.walk_in) == ("in_house", True)
    assert reservation.assignments.get().room.number == "102"


def test_a_walk_in_without_a_ready_room_leaves_no_booking(sea: Property) -> None:
    for dirty in Room.objects.filter(property=sea):
        room_mark(room_id=dirty.pk, condition="dirty")

    with pytest.raises(RoomNotAssigned):
        walk_in_create(hotel=sea, booker=GuestDraft("Night", "Nora"), stay=make_stay(hotel=sea))

    assert not Reservation.objects.exists()
