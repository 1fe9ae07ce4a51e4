"""Stock follows the house: rooms come, go and change their type through the hotel's own services."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from properties.models import Property
from properties.services import business_date_roll, room_add, room_archive, room_change, room_restore, room_type_add
from reservations.errors import NotAvailable, RoomTaken
from reservations.models import RoomTypeNight
from reservations.receivers import open_nights
from reservations.selectors.recount import recount
from reservations.services.inventory import inventory_open
from reservations.services.stays import reservation_assign_room, reservation_unassign_room
from tests.domain.reservations.given import after, counter, kind, left, lefts, nothing_changed, room
from tests.factories.properties import make_room
from tests.factories.reservations import make_booking, make_reservation, open_for_sale


def test_a_new_room_can_be_sold_in_every_open_night(sea: Property) -> None:
    make_room(hotel=sea, room_type=kind(sea, "SUI"))

    assert {left(sea, "SUI", after(sea, day)) for day in range(61)} == {2}
    assert {left(sea, None, after(sea, day)) for day in range(61)} == {5}
    assert left(sea, "SUI", after(sea, -1)) == 1
    assert recount(sea) == []


def test_a_new_type_opens_with_the_house_and_gets_rooms(sea: Property) -> None:
    twin = room_type_add(property_id=sea.pk, code="TWN", name="Twin")
    assert {left(sea, "TWN", after(sea, day)) for day in range(61)} == {0}

    room_add(property_id=sea.pk, room_type_id=twin.pk, number="601")

    assert lefts(sea, "TWN", None, night=after(sea, 60)) == [1, 5]
    assert recount(sea) == []


def test_a_hotel_that_sells_nothing_yet_gets_types_and_rooms_without_counters(hotel: Property) -> None:
    twin = room_type_add(property_id=hotel.pk, code="TWN", name="Twin")
    room_add(property_id=hotel.pk, room_type_id=twin.pk, number="601")

    assert not RoomTypeNight.objects.exists()


def test_an_archived_room_is_sold_no_more(sea: Property) -> None:
    room_archive(room_id=room(sea, "102").pk)

    assert lefts(sea, "DBL", None) == [1, 3]
    assert recount(sea) == []


def test_a_room_that_is_taken_back_is_sold_again(sea: Property) -> None:
    room_archive(room_id=room(sea, "102").pk)

    for _twice in range(2):
        room_restore(room_id=room(sea, "102").pk)

    assert lefts(sea, "DBL", None) == [2, 4]
    assert {left(sea, "DBL", after(sea, day)) for day in range(61)} == {2}
    assert recount(sea) == []


def test_a_room_of_a_sold_out_night_is_not_archived(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2, arrival=after(sea, 40))

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        room_archive(room_id=room(sea, "102").pk)
    assert refusal.value.message == (
        "Every room is needed on Thu 23 Apr. Nothing was changed; move or cancel one of the stays first."
    )


def test_a_room_with_a_planned_stay_is_not_archived(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, arrival=after(sea, 5))
    reservation_assign_room(hotel=sea, reservation_id=reservation.pk, room_id=room(sea, "102").pk)

    with nothing_changed(), pytest.raises(RoomTaken) as refusal:
        room_archive(room_id=room(sea, "102").pk)
    assert refusal.value.facts == {"room": "102", "reservation": reservation.number}

    reservation_unassign_room(hotel=sea, reservation_id=reservation.pk)
    room_archive(room_id=room(sea, "102").pk)
    assert lefts(sea, "DBL", None, night=after(sea, 5)) == [0, 2]


def test_a_room_of_another_type_moves_the_counters_and_not_the_house(sea: Property) -> None:
    room_change(room_id=room(sea, "102").pk, values={"room_type": kind(sea, "SUI").pk})

    assert lefts(sea, "DBL", "SUI", None) == [1, 2, 4]
    assert recount(sea) == []


def test_a_room_keeps_its_type_while_the_type_is_sold_out(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)

    with nothing_changed(), pytest.raises(NotAvailable):
        room_change(room_id=room(sea, "102").pk, values={"room_type": kind(sea, "SUI").pk})


def test_a_room_keeps_its_type_while_a_stay_is_planned_into_it(sea: Property) -> None:
    reservation = make_reservation(hotel=sea)
    reservation_assign_room(hotel=sea, reservation_id=reservation.pk, room_id=room(sea, "102").pk)

    with nothing_changed(), pytest.raises(RoomTaken) as refusal:
        room_change(room_id=room(sea, "102").pk, values={"room_type": kind(sea, "SUI").pk})
    assert refusal.value.facts == {"room": "102", "reservation": reservation.number}

    room_change(room_id=room(sea, "102").pk, values={"floor": "9"})
    assert recount(sea) == []


def test_the_next_night_opens_when_the_day_rolls(sea: Property, time_machine: Any) -> None:
    time_machine.move_to("2026-03-15 03:00+01:00")
    horizon = sea.business_date + dt.timedelta(days=751)
    make_booking(hotel=sea, rooms=2, arrival=after(sea, 20))

    rolled = business_date_roll(hotel=sea)

    assert lefts(sea, "SGL", "DBL", "SUI", None, night=horizon) == [1, 2, 1, 4]
    assert not RoomTypeNight.objects.filter(property=sea, night__gt=horizon).exists()
    assert left(sea, "DBL", after(sea, 20)) == 0
    assert recount(rolled) == []


def test_opening_again_changes_nothing(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)

    with nothing_changed():
        assert inventory_open(hotel=sea, last=after(sea, 60)) == 0


def test_a_hotel_opened_for_sale_late_counts_the_rooms_it_has(sea: Property, other_hotel: Property) -> None:
    """The reaction to a new hotel may run after its rooms, or twice."""

    class Told:
        property_id = other_hotel.pk

    open_nights(Told)  # type: ignore[arg-type]  # it reads nothing else
    open_nights(Told)  # type: ignore[arg-type]

    assert lefts(other_hotel, "SGL", "DBL", "SUI", None, night=after(other_hotel, 750)) == [1, 2, 1, 4]
    assert recount(other_hotel) == []
    assert counter(sea, None).physical == 4


@pytest.mark.parametrize("nights", [0, 3])
def test_a_horizon_may_be_short(hotel: Property, nights: int) -> None:
    open_for_sale(hotel, nights=nights)

    assert RoomTypeNight.objects.filter(property=hotel, room_type=None).count() == nights + 2
