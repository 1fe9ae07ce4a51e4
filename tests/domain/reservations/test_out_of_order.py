"""Rooms out of order and out of service: what they take from the stock, who stands in the way, how they come back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pms.core.errors import InvalidValue, NotThere
from properties.models import Property, Room
from properties.services import business_date_roll, room_archive, room_change
from properties.services.room_type_spans import room_type_plan
from reservations.errors import NightNotOpen, NotAvailable, RoomClosed, RoomNeeded
from reservations.models import OutOfOrder, Reservation, RoomAssignment
from reservations.selectors.out_of_order import service_states
from reservations.selectors.recount import recount
from reservations.selectors.stays import rooms_free
from reservations.services.front_desk import reservation_check_out, reservation_undo_check_out
from reservations.services.out_of_order import (
    out_of_order_change,
    out_of_order_end,
    out_of_order_returned,
    out_of_order_set,
)
from reservations.services.stays import reservation_assign_room
from tests.committed import rolled_back
from tests.domain.reservations.given import after, left
from tests.factories.folios import make_guest_in_house
from tests.factories.reservations import make_reservation


def room(hotel: Property, number: str) -> Room:
    return Room.objects.get(property=hotel, number=number)


def close(hotel: Property, number: str = "101", *, first: int = 0, last: int = 2, **more: Any) -> OutOfOrder:
    values: dict[str, Any] = {"kind": "out_of_order", "reason": "Shower drips"} | more
    return out_of_order_set(
        hotel=hotel, room_id=room(hotel, number).pk, first=after(hotel, first), last=after(hotel, last), **values
    )


def doubles(hotel: Property, nights: int = 5) -> list[int]:
    return [left(hotel, "DBL", after(hotel, at)) for at in range(nights)]


def test_out_of_order_takes_the_room_from_its_type_and_the_house(sea: Property) -> None:
    house = left(sea, None)

    row = close(sea)

    assert doubles(sea) == [1, 1, 1, 2, 2]
    assert left(sea, None) == house - 1
    assert (row.first, row.last) == (sea.business_date, after(sea, 2))
    assert service_states(sea, [row.room_id]) == {row.room_id: "out_of_order"}
    assert recount(sea) == []


def test_out_of_service_takes_nothing_and_may_be_given(sea: Property) -> None:
    close(sea, kind="out_of_service")
    stay = make_reservation(hotel=sea)

    assert doubles(sea)[0] == 1  # the stay alone
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room(sea, "101").pk)
    assert recount(sea) == []


def test_nobody_is_planned_into_a_room_out_of_order(sea: Property) -> None:
    close(sea, first=1, last=1)
    stay = make_reservation(hotel=sea, nights=2)

    with pytest.raises(RoomClosed, match="Shower drips"):
        reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room(sea, "101").pk)

    free = rooms_free(hotel=sea, first=stay.arrival, departure=stay.departure)
    assert "101" not in [one.number for one in free] and "102" in [one.number for one in free]


def test_stays_planned_into_it_stand_in_the_way_by_name(sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room(sea, "101").pk)

    with pytest.raises(RoomNeeded, match=stay.number) as refusal:
        close(sea)

    assert refusal.value.facts["stays"] == [stay.number]
    assert not OutOfOrder.objects.exists() and recount(sea) == []


def test_somebody_who_is_in_the_room_on_her_last_morning_stands_in_the_way(sea: Property) -> None:
    make_guest_in_house(hotel=sea, room="101")
    sea = business_date_roll(hotel=sea)

    with pytest.raises(RoomNeeded, match="Somebody is in room 101"):
        close(sea, last=0)
    assert close(sea, first=1, last=1)  # the control: from tomorrow on it is free


def test_the_last_room_of_a_type_is_not_closed_unless_somebody_insists(sea: Property) -> None:
    stays = [make_reservation(hotel=sea), make_reservation(hotel=sea)]

    with pytest.raises(NotAvailable) as refusal:
        close(sea)
    assert sorted(refusal.value.facts["stays"]) == sorted(stay.number for stay in stays)
    assert doubles(sea)[:2] == [0, 2]

    close(sea, forced=True)
    assert doubles(sea)[:2] == [-1, 1]
    flagged = [stay.number for stay in Reservation.objects.filter(flags__contains=["overbooked"])]
    assert flagged == [stays[1].number]
    assert recount(sea) == []


def test_a_room_is_closed_once_in_a_night(sea: Property) -> None:
    close(sea)

    with pytest.raises(RoomClosed):
        close(sea, first=2, last=4, kind="out_of_service")
    assert close(sea, first=3, last=4, kind="out_of_service")


@pytest.mark.parametrize(
    ("first", "last", "error"), [(-1, 1, InvalidValue), (3, 2, InvalidValue), (0, 900, NightNotOpen)]
)
def test_nights_that_make_no_sense_are_refused(sea: Property, first: int, last: int, error: Any) -> None:
    with pytest.raises(error):
        close(sea, first=first, last=last)

    assert not OutOfOrder.objects.exists() and recount(sea) == []


def test_a_reason_is_needed(sea: Property) -> None:
    with pytest.raises(InvalidValue):
        close(sea, reason="  ")


def test_it_stays_longer_or_shorter(sea: Property) -> None:
    row = close(sea, first=1, last=2)

    out_of_order_change(hotel=sea, out_of_order_id=row.pk, values={"last": after(sea, 3), "reason": "New shower"})
    assert doubles(sea) == [2, 1, 1, 1, 2]
    changed = out_of_order_change(hotel=sea, out_of_order_id=row.pk, values={"last": after(sea, 1)})

    assert doubles(sea) == [2, 1, 2, 2, 2]
    assert changed.reason == "New shower"
    assert recount(sea) == []


def test_a_longer_one_is_refused_by_who_is_planned_into_the_new_nights(sea: Property) -> None:
    row = close(sea, last=0)
    stay = make_reservation(hotel=sea, arrival=after(sea, 2))
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=row.room_id)

    with pytest.raises(RoomNeeded, match=stay.number):
        out_of_order_change(hotel=sea, out_of_order_id=row.pk, values={"last": after(sea, 3)})
    with pytest.raises(InvalidValue):
        out_of_order_change(hotel=sea, out_of_order_id=row.pk, values={"last": after(sea, -1)})

    assert out_of_order_change(hotel=sea, out_of_order_id=row.pk, values={"last": after(sea, 1)})
    assert recount(sea) == []


def test_it_ends_early_in_the_condition_that_was_said(sea: Property) -> None:
    row = close(sea, last=3, return_condition="touch_up")
    sea = business_date_roll(hotel=sea)

    ended = out_of_order_end(hotel=sea, out_of_order_id=row.pk)

    assert (ended.active, ended.last) == (True, after(sea, -1))
    assert room(sea, "101").condition == "touch_up"
    assert doubles(sea, 3) == [2, 2, 2] and recount(sea) == []
    assert out_of_order_end(hotel=sea, out_of_order_id=row.pk).version == ended.version  # again: nothing happens


def test_it_is_taken_back_before_it_began(sea: Property) -> None:
    row = close(sea, first=2, last=3)
    before = room(sea, "101").condition

    out_of_order_end(hotel=sea, out_of_order_id=row.pk)

    assert doubles(sea) == [2, 2, 2, 2, 2] and recount(sea) == []
    assert room(sea, "101").condition == before
    with pytest.raises(NotThere):
        out_of_order_end(hotel=sea, out_of_order_id=row.pk)


def test_the_roll_opens_it_on_time(sea: Property) -> None:
    row = close(sea, last=0, return_condition="touch_up")
    assert room(sea, "101").condition == "clean"

    sea = business_date_roll(hotel=sea)

    assert room(sea, "101").condition == "touch_up"
    assert service_states(sea, [row.room_id]) == {}
    assert recount(sea) == []
    assert [one.pk for one in out_of_order_returned(hotel=sea)] == [row.pk]


def test_another_type_takes_the_closed_nights_along(sea: Property) -> None:
    close(sea, first=1, last=3)
    single = room(sea, "201").room_type_id

    room_type_plan(room_id=room(sea, "101").pk, room_type_id=single, since=after(sea, 2))

    assert doubles(sea) == [2, 1, 1, 1, 1]
    assert [left(sea, "SGL", after(sea, at)) for at in range(5)] == [1, 1, 1, 1, 2]
    assert recount(sea) == []
    room_change(room_id=room(sea, "101").pk, values={"room_type": single})
    assert recount(sea) == []


def test_a_room_that_is_counted_as_out_of_order_does_not_leave_the_house(sea: Property) -> None:
    row = close(sea, first=5, last=6)

    with pytest.raises(RoomClosed):
        room_archive(room_id=row.room_id)

    out_of_order_end(hotel=sea, out_of_order_id=row.pk)
    room_archive(room_id=row.room_id)
    assert recount(sea) == []


def test_a_check_out_is_not_taken_back_into_a_room_that_was_closed_since(sea: Property) -> None:
    stay, _folio = make_guest_in_house(hotel=sea, room="101", nights=2)
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})
    with rolled_back():  # the control
        assert reservation_undo_check_out(hotel=sea, reservation_id=stay.pk).status == "in_house"
    close(sea, last=0)

    with pytest.raises(RoomClosed):
        reservation_undo_check_out(hotel=sea, reservation_id=stay.pk)
    assert recount(sea) == []


def test_the_recount_finds_a_closed_night_that_is_not_counted(sea: Property) -> None:
    row = close(sea)
    OutOfOrder.objects.get(pk=row.pk).delete()

    drifts = recount(sea)

    assert {(drift.part, drift.stored, drift.counted) for drift in drifts} == {("out_of_order", 1, 0)}
    assert len({drift.night for drift in drifts}) == 3


def test_another_hotels_room_is_not_there(sea: Property, lake: Property) -> None:
    with pytest.raises(NotThere):
        out_of_order_set(
            hotel=lake, room_id=room(sea, "101").pk, kind="out_of_order",
            first=lake.business_date, last=lake.business_date + dt.timedelta(days=1), reason="Paint",
        )  # fmt: skip
    assert not RoomAssignment.objects.exists()
