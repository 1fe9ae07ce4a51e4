"""Acts on the same stays and rooms at the same moment: the stock stays right, whoever comes first."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from properties.models import Property, Room, RoomType
from properties.services import business_date_roll, room_archive, room_change
from properties.services.setup import RoomPlan
from reservations.drafts import GuestDraft
from reservations.errors import ArrivalInPast
from reservations.models import Reservation, ReservationNight, RoomAssignment
from reservations.selectors.recount import recount
from reservations.services import bookings, stays
from reservations.services.bookings import booking_create
from reservations.services.day import day_held_open
from reservations.services.front_desk import reservation_check_in, reservation_check_out
from reservations.services.stays import reservation_assign_room, reservation_cancel, reservation_unassign_room
from tests.concurrency.reservations.selling import (
    assert_counts_are_right,
    deadlocks,
    doubles,
    names,
    selling_hotel,
)
from tests.domain.reservations.given import after, happened, left
from tests.factories.properties import make_room
from tests.factories.reservations import make_booking, make_reservation, make_stay
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SUITES = RoomPlan(code="SUI", name="Suite", numbers=["501", "502"], max_adults=2)
WORKERS, CALLS = 8, 12


def room(hotel: Property, number: str) -> Room:
    return Room.objects.get(property=hotel, number=number)


def assigning(hotel: Property, stay: Reservation, number: str) -> Callable[[], Any]:
    """Return the call that assigns a room of this number."""
    pk = room(hotel, number).pk
    return lambda: reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=pk)


def assert_rooms_fit(hotel: Property) -> None:
    """Prove that nobody is planned into a room that left, and that each night holds the type of its room."""
    for one in RoomAssignment.objects.filter(property=hotel, active=True).select_related("room"):
        assert one.room.archived_at is None
        nights = ReservationNight.objects.filter(
            reservation=one.reservation_id, night__gte=one.nights.lower, night__lt=one.nights.upper
        )
        assert set(nights.values_list("room_type", flat=True)) == {one.room.room_type_id}


# --- anything at once -------------------------------------------------------------------------------------------------


class Somebody:
    """One of the people who work at once: each call does something random with whatever is there."""

    def __init__(self, hotel: Property, seed: int) -> None:
        self.hotel, self.luck = hotel, random.Random(seed)

    def work(self) -> list[Any]:
        acts = [self.book] * 4 + [self.cancel] * 2 + [self.assign] * 4 + [self.unassign, self.leave, self.rebuild]
        told: list[Any] = []
        for _ in range(CALLS):
            try:
                told.append(self.luck.choice(acts)())
            except Exception as error:
                told.append(error)
        return told

    def book(self) -> Any:
        kinds = self.luck.choices(["DBL", "SUI"], k=self.luck.randint(1, 3))
        drafts = [
            make_stay(
                hotel=self.hotel,
                room_type=kind,
                arrival=after(self.hotel, self.luck.randint(0, 4)),
                nights=self.luck.randint(1, 4),
            )
            for kind in kinds
        ]
        forced = self.luck.random() < 0.15
        return booking_create(hotel=self.hotel, booker=GuestDraft(last_name="Martí"), stays=drafts, forced=forced)

    def cancel(self) -> Any:
        return reservation_cancel(hotel=self.hotel, reservation_id=self.stay().pk, reason="")

    def assign(self) -> Any:
        number = self.luck.choice(Room.objects.filter(property=self.hotel)).pk
        return reservation_assign_room(hotel=self.hotel, reservation_id=self.stay().pk, room_id=number)

    def unassign(self) -> Any:
        return reservation_unassign_room(hotel=self.hotel, reservation_id=self.stay().pk)

    def leave(self) -> Any:
        stay = self.stay()
        reservation_check_in(hotel=self.hotel, reservation_id=stay.pk)
        return reservation_check_out(hotel=self.hotel, reservation_id=stay.pk, accepted=["early_departure"])

    def rebuild(self) -> Any:
        target = self.luck.choice(Room.objects.filter(property=self.hotel, archived_at=None))
        kind = self.luck.choice(RoomType.objects.filter(property=self.hotel))
        act = self.luck.randint(0, 2)
        if act == 0:
            return room_archive(room_id=target.pk)
        if act == 1:
            return room_change(room_id=target.pk, values={"room_type": kind.pk})
        return make_room(hotel=self.hotel, room_type=kind)

    def stay(self) -> Reservation:
        return self.luck.choice(Reservation.objects.filter(property=self.hotel))


@pytest.mark.slow
def test_eight_people_doing_anything_at_once_leave_the_stock_right() -> None:
    hotel, before = selling_hotel([doubles(4), SUITES]), deadlocks()
    make_booking(hotel=hotel, nights=2)

    told = [one for work in together(*(Somebody(hotel, seed).work for seed in range(WORKERS))) for one in work]

    outcome = Counter(names(told))
    assert len(told) == WORKERS * CALLS, told
    allowed = {"ok", "NotAvailable", "RoomTaken", "WrongState", "NotThere"}
    allowed |= {"RoomNotAssigned", "RoomNotReady", "NotDueYet", "ReservationMoved", "RoomOccupied"}
    assert set(outcome) <= allowed, outcome
    assert outcome["ok"] >= WORKERS * CALLS / 5, outcome
    assert deadlocks() == before
    assert_counts_are_right(hotel)
    assert_rooms_fit(hotel)


def test_control_stock_read_before_its_lock_is_moved_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two upgrades of one stay, each reading what it holds before either moved it."""
    hotel = selling_hotel([doubles(2), SUITES])
    stay, _other = make_reservation(hotel=hotel), make_reservation(hotel=hotel)
    read = stays.nights_counted

    def read_slowly(reservation: Reservation) -> Any:
        held = read(reservation)
        time.sleep(0.4)
        return held

    monkeypatch.setattr(stays, "stock_held", day_held_open)
    monkeypatch.setattr(stays, "nights_counted", read_slowly)

    assert names(together(assigning(hotel, stay, "501"), assigning(hotel, stay, "502"))) == ["ok", "ok"]

    assert {(found.part, found.stored, found.counted) for found in recount(hotel)} == {("sold", 0, 1), ("sold", 2, 1)}


def test_two_upgrades_of_one_stay_move_its_stock_once() -> None:
    hotel = selling_hotel([doubles(2), SUITES])
    stay, _other = make_reservation(hotel=hotel), make_reservation(hotel=hotel)

    for _ in range(4):
        assert names(together(assigning(hotel, stay, "501"), assigning(hotel, stay, "502"))) == ["ok", "ok"]
        assert (left(hotel, "DBL"), left(hotel, "SUI")) == (1, 1)
        reservation_unassign_room(hotel=hotel, reservation_id=stay.pk)
        assert_counts_are_right(hotel)


# --- one room, many stays ---------------------------------------------------------------------------------------------


def test_one_room_goes_to_one_of_six_stays() -> None:
    hotel, before = selling_hotel([doubles(6)]), deadlocks()
    six = list(make_booking(hotel=hotel, rooms=6, nights=2).reservations.all())

    for number in ("101", "102", "103"):
        results = together(*(assigning(hotel, stay, number) for stay in six))

        assert Counter(names(results)) == {"ok": 1, "RoomTaken": 5}
        assert RoomAssignment.objects.filter(room=room(hotel, number), active=True).count() == 1
        winner = RoomAssignment.objects.get(room=room(hotel, number), active=True).reservation_id
        reservation_unassign_room(hotel=hotel, reservation_id=winner)
    assert deadlocks() == before
    assert_counts_are_right(hotel)


@contextmanager
def without_the_law() -> Iterator[None]:
    """Take the exclusion constraint away for a while."""
    law = next(one for one in RoomAssignment._meta.constraints if one.name == stays.ROOM_ONCE)
    with connection.schema_editor() as editor:
        editor.remove_constraint(RoomAssignment, law)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM reservations_roomassignment")
        with connection.schema_editor() as editor:
            editor.add_constraint(RoomAssignment, law)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let assignments work without any lock, with time for others between look and write."""
    monkeypatch.setattr(stays, "stock_held", day_held_open)
    monkeypatch.setattr(stays, "room_locked_for_update", stays.room_seen)
    look = stays._refuse_taken

    def look_slowly(*about: Any) -> None:
        look(*about)
        time.sleep(0.3)

    monkeypatch.setattr(stays, "_refuse_taken", look_slowly)


def test_without_locks_the_constraint_alone_keeps_the_room_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = selling_hotel([doubles(6)])
    six = list(make_booking(hotel=hotel, rooms=6).reservations.all())
    unlocked(monkeypatch)

    results = together(*(assigning(hotel, stay, "101") for stay in six))

    # Some losers may be victims of a deadlock here: that is why the lock comes first.
    assert Counter(names(results))["ok"] == 1
    assert set(names(results)) <= {"ok", "RoomTaken", "Busy"}


def test_control_without_locks_and_constraint_a_room_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = selling_hotel([doubles(6)])
    six = list(make_booking(hotel=hotel, rooms=6).reservations.all())
    unlocked(monkeypatch)

    with without_the_law():
        together(*(assigning(hotel, stay, "101") for stay in six))

        assert RoomAssignment.objects.filter(room=room(hotel, "101"), active=True).count() > 1


# --- the day rolls meanwhile ------------------------------------------------------------------------------------------


def test_a_night_is_sold_before_its_day_ends_or_not_at_all() -> None:
    hotel = selling_hotel([doubles(30)])
    tonight = [make_stay(hotel=hotel)]

    def book() -> Any:
        return booking_create(hotel=hotel, booker=GuestDraft(last_name="Martí"), stays=tonight)

    def roll() -> Any:
        time.sleep(0.15)  # in the middle of the crowd
        return business_date_roll(hotel=hotel)

    results = together(*[book] * 8, roll)

    assert set(names(results)) <= {"ok", "ArrivalInPast"}
    assert not isinstance(results[-1], BaseException)
    [rolled] = happened("business_date.rolled")
    created = happened("reservation.created")
    assert all(event.seq < rolled.seq and event.business_date == hotel.business_date for event in created)
    assert len(created) == sum(not isinstance(result, ArrivalInPast) for result in results[:-1])
    assert Reservation.objects.count() == len(created)
    assert_counts_are_right(hotel)


def test_control_without_the_lock_of_the_day_a_night_is_sold_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel, race = selling_hotel([doubles(3)]), Rendezvous()
    day, tonight = hotel.business_date, [make_stay(hotel=hotel)]
    check = bookings._checked

    def check_then_wait(*about: Any) -> Any:
        checked = check(*about)
        race.reached("checked")
        race.wait_for("rolled")
        return checked

    def roll() -> None:
        race.wait_for("checked")
        business_date_roll(hotel=hotel)
        race.reached("rolled")

    monkeypatch.setattr(bookings, "day_held_open", lambda hotel: Property.objects.get(pk=hotel.pk))
    monkeypatch.setattr(bookings, "_checked", check_then_wait)

    together(lambda: booking_create(hotel=hotel, booker=GuestDraft(last_name="Martí"), stays=tonight), roll)

    [rolled], [created] = happened("business_date.rolled"), happened("reservation.created")
    assert created.seq > rolled.seq
    assert (Reservation.objects.get().arrival, Property.objects.get().business_date) == (day, after(hotel, 1))
