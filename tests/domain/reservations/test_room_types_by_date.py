"""A room is of one type until a day and of another from it on: counters, choices and stays follow night by night."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from properties.errors import RoomTypeInUse
from properties.events import TypeMove
from properties.models import Property, Room, RoomTypeSpan
from properties.places.selectors import TypeCalendar
from properties.services import business_date_roll, room_archive, room_change, room_restore
from properties.services.room_type_spans import room_type_plan, rooms_turn_type
from properties.services.room_types import room_type_archive
from reservations.errors import NotAvailable, RoomTaken
from reservations.models import Reservation, ReservationNight
from reservations.selectors.recount import recount
from reservations.selectors.stays import rooms_free
from reservations.services.house import room_retyped, rooms_added_counted
from reservations.services.stays import reservation_assign_room
from tests.domain.reservations.given import after, kind, left, lefts, nothing_changed, room
from tests.factories.reservations import make_booking, make_reservation


def plan(sea: Property, number: str, code: str, day: int, **options: Any) -> Room:
    """Let a room be of another type from so many days on."""
    return room_type_plan(
        room_id=room(sea, number).pk, room_type_id=kind(sea, code).pk, since=after(sea, day), **options
    )


def test_counters_follow_from_the_day_on_and_not_before(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)

    assert {tuple(lefts(sea, "DBL", "SUI", None, night=after(sea, day))) for day in range(10)} == {(2, 1, 4)}
    assert {tuple(lefts(sea, "DBL", "SUI", None, night=after(sea, day))) for day in range(10, 61)} == {(1, 2, 4)}
    assert room(sea, "102").room_type == kind(sea, "DBL")
    assert recount(sea) == []


def test_planning_again_replaces_what_was_planned_later(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)
    plan(sea, "102", "SGL", 5)
    plan(sea, "102", "DBL", 20)

    calendar = TypeCalendar([room(sea, "102")])
    by_day = {day: calendar.on(room(sea, "102").pk, after(sea, day)) for day in (4, 5, 12, 19, 20, 60)}
    codes = {kind(sea, code).pk: code for code in ("SGL", "DBL", "SUI")}
    assert [codes[pk] for pk in by_day.values()] == ["DBL", "SGL", "SGL", "SGL", "DBL", "DBL"]
    assert recount(sea) == []


def test_taking_a_plan_back_leaves_one_span(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)
    plan(sea, "102", "DBL", 10)

    span = RoomTypeSpan.objects.get()
    assert (span.days.lower, span.days.upper, span.room_type) == (None, None, kind(sea, "DBL"))
    assert recount(sea) == []


def test_the_room_turns_when_its_day_comes(sea: Property, time_machine: Any) -> None:
    time_machine.move_to("2026-03-15 03:00+01:00")
    plan(sea, "102", "SUI", 1)

    rolled = business_date_roll(hotel=sea)

    assert room(sea, "102").room_type == kind(sea, "SUI")
    assert rooms_turn_type(hotel=rolled) == []
    assert recount(rolled) == []
    assert lefts(sea, "DBL", "SUI", None, night=after(sea, 751)) == [1, 2, 4]  # the night that the roll opened


def test_a_sold_out_type_keeps_its_room_and_names_the_stays(sea: Property) -> None:
    booking = make_booking(hotel=sea, rooms=2, arrival=after(sea, 12))

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        plan(sea, "102", "SUI", 10)
    numbers = {stay.number for stay in booking.reservations.all()}
    assert set(refusal.value.facts["stays"]) == numbers

    plan(sea, "102", "SUI", 13)
    assert recount(sea) == []


def test_forced_the_stay_that_no_longer_fits_is_listed(sea: Property) -> None:
    first = make_reservation(hotel=sea, arrival=after(sea, 12))
    last = make_reservation(hotel=sea, arrival=after(sea, 12))

    plan(sea, "102", "SUI", 10, forced=True)

    assert left(sea, "DBL", after(sea, 12)) == -1
    assert Reservation.objects.get(pk=last.pk).flags == ["overbooked"]
    assert Reservation.objects.get(pk=first.pk).flags == []
    assert recount(sea) == []


def test_a_stay_planned_into_the_room_stands_in_the_way_only_from_then_on(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, arrival=after(sea, 12))
    reservation_assign_room(hotel=sea, reservation_id=reservation.pk, room_id=room(sea, "102").pk)

    with nothing_changed(), pytest.raises(RoomTaken):
        plan(sea, "102", "SUI", 10)

    plan(sea, "102", "SUI", 13)


def test_a_stay_across_the_change_takes_each_nights_own_counter(sea: Property) -> None:
    plan(sea, "102", "SUI", 11)
    reservation = make_reservation(hotel=sea, arrival=after(sea, 10), nights=2)

    reservation_assign_room(hotel=sea, reservation_id=reservation.pk, room_id=room(sea, "102").pk)

    nights = ReservationNight.objects.filter(reservation=reservation).order_by("night")
    assert [night.room_type for night in nights] == [kind(sea, "DBL"), kind(sea, "SUI")]
    assert lefts(sea, "DBL", "SUI", night=after(sea, 10)) == [1, 1]
    assert lefts(sea, "DBL", "SUI", night=after(sea, 11)) == [1, 1]
    assert recount(sea) == []


def test_free_rooms_are_asked_by_the_type_they_will_have(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)

    def free(code: str, day: int) -> list[str]:
        first = after(sea, day)
        rooms = rooms_free(
            hotel=sea, first=first, departure=first + dt.timedelta(days=1), room_type_id=kind(sea, code).pk
        )
        return [found.number for found in rooms]

    assert (free("DBL", 9), free("SUI", 9)) == (["101", "102"], ["501"])
    assert (free("DBL", 10), free("SUI", 10)) == (["101"], ["102", "501"])


def test_an_archived_room_leaves_each_type_where_it_was(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)

    room_archive(room_id=room(sea, "102").pk)

    assert lefts(sea, "DBL", "SUI", None, night=after(sea, 9)) == [1, 1, 3]
    assert lefts(sea, "DBL", "SUI", None, night=after(sea, 10)) == [1, 1, 3]
    assert recount(sea) == []


def test_a_room_that_is_taken_back_is_of_the_types_that_were_planned(sea: Property) -> None:
    plan(sea, "102", "SUI", 10)
    room_archive(room_id=room(sea, "102").pk)

    room_restore(room_id=room(sea, "102").pk)

    assert lefts(sea, "DBL", "SUI", None, night=after(sea, 9)) == [2, 1, 4]
    assert lefts(sea, "DBL", "SUI", None, night=after(sea, 10)) == [1, 2, 4]
    assert recount(sea) == []


def test_a_type_that_a_room_will_be_of_is_in_use(sea: Property) -> None:
    plan(sea, "501", "DBL", 0)
    plan(sea, "501", "SUI", 30)

    with pytest.raises(RoomTypeInUse):
        room_type_archive(room_type_id=kind(sea, "SUI").pk)


def test_a_change_from_today_keeps_the_past(sea: Property) -> None:
    room_change(room_id=room(sea, "102").pk, values={"room_type": kind(sea, "SUI").pk})

    calendar = TypeCalendar([room(sea, "102")])
    assert calendar.on(room(sea, "102").pk, after(sea, -1)) == kind(sea, "DBL").pk
    assert calendar.on(room(sea, "102").pk, sea.business_date) == kind(sea, "SUI").pk


def test_counters_take_new_rooms_and_other_types_as_told(sea: Property) -> None:
    move = TypeMove(kind(sea, "DBL").pk, kind(sea, "SUI").pk, after(sea, 5), after(sea, 7))
    room_retyped(hotel=sea, room_id=room(sea, "102").pk, moves=[move])
    assert [lefts(sea, "DBL", "SUI", None, night=after(sea, day)) for day in (4, 5, 6, 7)] == [
        [2, 1, 4],
        [1, 2, 4],
        [1, 2, 4],
        [2, 1, 4],
    ]

    rooms_added_counted(hotel=sea, counts=[(kind(sea, "SGL").pk, 3)])
    assert lefts(sea, "SGL", None) == [4, 7]
