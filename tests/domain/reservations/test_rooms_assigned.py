"""A stay gets a room, another one, loses it, or is given up; the stock follows each time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.db_errors import domain_error, sqlstate
from pms.core.errors import NotThere
from pms.core.models import AuditEntry
from properties.models import Property
from properties.services import business_date_roll, room_archive
from reservations.errors import NotAvailable, RoomTaken, WrongState
from reservations.models import Reservation, ReservationNight, RoomAssignment
from reservations.services import stays
from reservations.services.front_desk import reservation_check_in
from reservations.services.inventory import Move, inventory_move
from reservations.services.stays import (
    reservation_assign_room,
    reservation_cancel,
    reservation_unassign_room,
)
from tests.domain.reservations.given import (
    after,
    assert_counts_are_right,
    happened,
    kind,
    left,
    lefts,
    nothing_changed,
    room,
)
from tests.factories.properties import make_room
from tests.factories.reservations import make_booking, make_reservation

TYPES = ("SGL", "DBL", "SUI", None)


def assign(hotel: Property, stay: Reservation, number: str) -> Reservation:
    """Assign the room of this number."""
    return reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room(hotel, number).pk)


def unassign(hotel: Property, stay: Reservation) -> Reservation:
    return reservation_unassign_room(hotel=hotel, reservation_id=stay.pk)


def cancel(hotel: Property, stay: Reservation, reason: str = "ill") -> Reservation:
    return reservation_cancel(hotel=hotel, reservation_id=stay.pk, reason=reason)


def rooms_of(stay: Reservation) -> list[tuple[str, dt.date, dt.date]]:
    """Return the active assignments: room, first night, departure."""
    active = RoomAssignment.objects.filter(reservation=stay, active=True).select_related("room").order_by("nights")
    return [(one.room.number, one.nights.lower, one.nights.upper) for one in active]


def types_of(stay: Reservation) -> list[tuple[str, str]]:
    """Return per night which type's counter it holds and which type was booked."""
    return list(ReservationNight.objects.filter(reservation=stay).values_list("room_type__code", "booked_type__code"))


# --- assign -----------------------------------------------------------------------------------------------------------


def test_a_room_of_the_booked_type_leaves_the_stock_as_it_is(sea: Property) -> None:
    stay = make_reservation(hotel=sea, nights=2)

    assign(sea, stay, "101")

    assert rooms_of(stay) == [("101", sea.business_date, after(sea, 2))]
    assert lefts(sea, *TYPES) == [1, 1, 1, 3]
    [event] = happened("reservation.assigned")
    assert event.payload["changes"] == {"room": [None, "101"]}
    assert len(happened("availability.moved")) == 1  # of the booking


def test_an_upgrade_moves_the_stock_and_keeps_what_was_booked(sea: Property) -> None:
    stay = make_reservation(hotel=sea, nights=4)
    before = [lefts(sea, *TYPES, night=after(sea, day)) for day in range(5)]

    assign(sea, stay, "501")

    assert before == [[1, 1, 1, 3]] * 4 + [[1, 2, 1, 4]]
    assert [lefts(sea, *TYPES, night=after(sea, day)) for day in range(5)] == [[1, 2, 0, 3]] * 4 + [[1, 2, 1, 4]]
    assert types_of(stay) == [("SUI", "DBL")] * 4
    stay.refresh_from_db()
    assert (stay.room_type.code, stay.total) == ("DBL", 480)
    assert_counts_are_right(sea)


def test_another_room_of_another_type_gives_the_first_one_back(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    for number, stock in (("501", [1, 2, 0, 3]), ("102", [1, 1, 1, 3]), ("201", [0, 2, 1, 3])):
        assign(sea, stay, number)

        assert lefts(sea, *TYPES) == stock
        assert [number_ for number_, _, _ in rooms_of(stay)] == [number]
    assert [event.payload["changes"]["room"] for event in happened("reservation.assigned")] == [
        [None, "501"],
        ["501", "102"],
        ["102", "201"],
    ]
    assert_counts_are_right(sea)


def test_the_room_a_stay_has_already_is_no_news(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    assign(sea, stay, "501")

    with nothing_changed():
        assign(sea, stay, "501")


def test_a_taken_room_names_the_other_stay(sea: Property) -> None:
    first, second = make_reservation(hotel=sea, nights=2), make_reservation(hotel=sea, arrival=after(sea, 1))
    assign(sea, first, "101")

    with nothing_changed(), pytest.raises(RoomTaken) as refusal:
        assign(sea, second, "101")

    assert refusal.value.facts == {"room": "101", "reservation": first.number}
    assert refusal.value.message == (
        f"Room 101 is taken by {first.number} in one of these nights. No room was assigned; choose another."
    )


def test_a_taken_room_is_named_also_where_its_type_is_sold_out(sea: Property) -> None:
    suite, double = make_reservation(hotel=sea, room_type="SUI"), make_reservation(hotel=sea)
    assign(sea, suite, "501")

    with nothing_changed(), pytest.raises(RoomTaken):
        assign(sea, double, "501")


def test_the_room_is_free_again_from_the_departure_on(sea: Property) -> None:
    first, second = make_reservation(hotel=sea, nights=2), make_reservation(hotel=sea, arrival=after(sea, 2))

    assign(sea, first, "101")
    assign(sea, second, "101")

    assert rooms_of(second) == [("101", after(sea, 2), after(sea, 3))]


def test_a_room_that_another_stay_needs_is_not_given_away(sea: Property) -> None:
    make_reservation(hotel=sea, room_type="SUI", arrival=after(sea, 1))  # sold, not assigned yet
    stay = make_reservation(hotel=sea, nights=3)

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        assign(sea, stay, "501")
    assert refusal.value.message == (
        "Suite is sold out on Sun 15 Mar: room 501 is needed for another stay. No room was assigned; choose another."
    )


def test_an_archived_room_is_not_there(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    archived = make_room(hotel=sea, number="109", room_type=kind(sea, "DBL"))
    room_archive(room_id=archived.pk)

    with nothing_changed(), pytest.raises(NotThere):
        assign(sea, stay, "109")


@pytest.mark.parametrize(
    "act",
    [
        lambda hotel, stay, number: assign(hotel, stay, number),
        lambda hotel, stay, _: unassign(hotel, stay),
        lambda hotel, stay, _: cancel(hotel, stay),
    ],
)
def test_a_stay_of_another_hotel_is_not_there(sea: Property, lake: Property, act: Callable[..., Any]) -> None:
    theirs = make_reservation(hotel=lake)

    with nothing_changed(), pytest.raises(NotThere):
        act(sea, theirs, "101")


def test_a_room_of_another_hotel_or_of_none_is_not_there(sea: Property, lake: Property) -> None:
    stay = make_reservation(hotel=sea)

    for strange in (room(lake, "101").pk, uuid.uuid4()):
        with nothing_changed(), pytest.raises(NotThere):
            reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=strange)


def test_a_late_guest_gets_a_room_for_the_nights_that_are_left(sea: Property, time_machine: Any) -> None:
    seen_yesterday = sea
    stay = make_reservation(hotel=sea, nights=3)
    time_machine.move_to("2026-03-15 12:00+01:00")
    business_date_roll(hotel=sea)

    assign(seen_yesterday, stay, "501")  # the caller's hotel is of yesterday

    assert rooms_of(stay) == [("501", dt.date(2026, 3, 15), dt.date(2026, 3, 17))]
    assert types_of(stay) == [("DBL", "DBL"), ("SUI", "DBL"), ("SUI", "DBL")]
    assert [left(sea, "DBL", dt.date(2026, 3, day)) for day in (14, 15, 16)] == [1, 2, 2]
    assert happened("reservation.assigned")[0].business_date == dt.date(2026, 3, 15)
    assert_counts_are_right(sea)


def test_a_stay_whose_nights_are_past_gets_no_room(sea: Property, time_machine: Any) -> None:
    stay = make_reservation(hotel=sea)
    time_machine.move_to("2026-03-16 12:00+01:00")
    for _ in range(2):
        sea = business_date_roll(hotel=sea)

        with nothing_changed(), pytest.raises(WrongState):
            assign(sea, stay, "101")


def test_a_guest_in_house_is_moved_by_another_act(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    assign(sea, stay, "101")
    reservation_check_in(hotel=sea, reservation_id=stay.pk)

    for act in (lambda: assign(sea, stay, "102"), lambda: unassign(sea, stay), lambda: cancel(sea, stay)):
        with nothing_changed(), pytest.raises(WrongState) as refusal:
            act()
        assert refusal.value.facts == {"status": "in_house"}


def test_an_unmapped_stay_takes_a_type_with_its_room_and_gives_it_back(sea: Property) -> None:
    """A channel's booking of an unknown room stands on the house row alone until somebody gives it a room."""
    stay = make_reservation(hotel=sea, nights=2)
    moves = [Move(kind(sea, "DBL").pk, after(sea, day), -1) for day in (0, 1)]
    moves += [Move(None, after(sea, day), 1) for day in (0, 1)]
    inventory_move(hotel=sea, moves=moves)
    ReservationNight.objects.filter(reservation=stay).update(room_type=None, booked_type=None)
    assert lefts(sea, *TYPES) == [1, 2, 1, 3]

    assign(sea, stay, "501")
    assert lefts(sea, *TYPES) == [1, 2, 0, 3]
    assert_counts_are_right(sea)

    unassign(sea, stay)
    assert (lefts(sea, *TYPES), types_of(stay)) == ([1, 2, 1, 3], [(None, None)] * 2)

    assign(sea, stay, "101")
    cancel(sea, stay)
    assert lefts(sea, *TYPES) == [1, 2, 1, 4]
    assert_counts_are_right(sea)


def test_raw_sql_meets_the_exclusion_constraint(sea: Property) -> None:
    first, second = make_reservation(hotel=sea, nights=3), make_reservation(hotel=sea, nights=3)
    assign(sea, first, "101")

    double = RoomAssignment(
        property=sea,
        reservation=second,
        room=room(sea, "101"),
        nights=DateRange(after(sea, 2), after(sea, 5)),
    )
    with nothing_changed(), pytest.raises(IntegrityError) as fault, transaction.atomic():
        double.save()
    assert sqlstate(fault.value) == "23P01"
    assert isinstance(domain_error(fault.value), RoomTaken)

    double.nights = DateRange(after(sea, 3), after(sea, 5))
    double.save()


def test_a_race_lost_at_the_constraint_is_told_as_a_taken_room(sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_reservation(hotel=sea), make_reservation(hotel=sea)
    assign(sea, first, "101")
    monkeypatch.setattr(stays, "_refuse_taken", lambda *_: None)

    with nothing_changed(), pytest.raises(RoomTaken):
        assign(sea, second, "101")


# --- unassign and cancel ----------------------------------------------------------------------------------------------


def test_a_stay_that_loses_its_room_takes_the_booked_type_again(sea: Property) -> None:
    stay = make_reservation(hotel=sea, nights=2)
    assign(sea, stay, "501")

    unassign(sea, stay)

    assert (rooms_of(stay), types_of(stay)) == ([], [("DBL", "DBL")] * 2)
    assert lefts(sea, *TYPES) == [1, 1, 1, 3]
    assert happened("reservation.unassigned")[0].payload["changes"] == {"room": ["501", None]}
    assert_counts_are_right(sea)


def test_a_stay_without_a_room_loses_none(sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    with nothing_changed():
        unassign(sea, stay)


def test_a_stay_keeps_its_room_while_the_booked_type_is_sold_out(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    assign(sea, stay, "501")
    make_booking(hotel=sea, rooms=2)

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        unassign(sea, stay)
    assert refusal.value.message == (
        "The type this stay booked is sold out on Sat 14 Mar. It keeps its room; choose another room for it."
    )


def test_a_cancelled_stay_frees_stock_and_room(sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea, nights=2)
    assign(sea, stay, "501")

    with act_as(via="page", user=hugo, request_id="r-9"):
        cancel(sea, stay, reason=" " + "x" * 250)

    stay.refresh_from_db()
    assert (stay.status, stay.cancel_reason) == ("cancelled", "x" * 200)
    assert stay.cancelled_at is not None
    assert (rooms_of(stay), lefts(sea, *TYPES)) == ([], [1, 2, 1, 4])
    [event] = happened("reservation.cancelled")
    assert (event.payload["changes"], event.actor_id) == ({"status": ["confirmed", "cancelled"]}, hugo.pk)
    [entry] = AuditEntry.objects.filter(request_id="r-9", content_type__model="reservation")
    assert (entry.actor_id, entry.changes["status"]) == (hugo.pk, ["confirmed", "cancelled"])

    again = make_reservation(hotel=sea, nights=2, room_type="SUI")
    assign(sea, again, "501")
    assert_counts_are_right(sea)


def test_a_cancelled_stay_is_over(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    cancel(sea, stay)

    for act in (lambda: cancel(sea, stay), lambda: assign(sea, stay, "101"), lambda: unassign(sea, stay)):
        with nothing_changed(), pytest.raises(WrongState) as refusal:
            act()
        assert refusal.value.facts == {"status": "cancelled"}


def test_a_cancelled_overbooking_lowers_what_was_forced(sea: Property) -> None:
    booking = make_booking(hotel=sea, rooms=3, forced=True)

    cancel(sea, booking.reservations.first())

    assert left(sea, "DBL") == 0
    assert_counts_are_right(sea)
