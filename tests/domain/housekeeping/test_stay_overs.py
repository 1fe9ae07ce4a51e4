"""A new business day finds work in every occupied room."""

from __future__ import annotations

import time_machine

from housekeeping.services import stay_overs_mark
from pms.events.models import StreamEvent
from properties.models import Property, Room
from properties.services import room_mark, room_set_occupancy
from properties.services.business_day import business_date_roll


def occupied(hotel: Property, *numbers: str) -> None:
    for room in Room.objects.filter(property=hotel, number__in=numbers):
        room_set_occupancy(room_id=room.pk, occupancy="occupied")


def conditions(hotel: Property) -> dict[str, str]:
    return dict(Room.objects.filter(property=hotel).order_by("number").values_list("number", "condition"))


@time_machine.travel("2026-03-15T03:00:00+01:00")
def test_the_roll_makes_every_occupied_room_dirty_and_no_other(hotel: Property) -> None:
    occupied(hotel, "101", "201")

    business_date_roll(hotel=hotel)

    assert conditions(hotel) == {"101": "dirty", "102": "clean", "201": "dirty", "501": "clean"}


@time_machine.travel("2026-03-15T03:00:00+01:00")
def test_each_room_is_marked_once_and_on_the_new_day(hotel: Property) -> None:
    occupied(hotel, "101", "102")
    room_mark(room_id=Room.objects.get(property=hotel, number="102").pk, condition="dirty")
    before = set(StreamEvent.objects.values_list("pk", flat=True))

    business_date_roll(hotel=hotel)

    told = StreamEvent.objects.exclude(pk__in=before).filter(code="room.marked")
    assert [(event.payload["changes"], str(event.business_date)) for event in told] == [
        ({"condition": ["clean", "dirty"]}, "2026-03-15")
    ]


@time_machine.travel("2026-03-15T03:00:00+01:00")
def test_another_hotels_rooms_stay_as_they_are(hotel: Property, other_hotel: Property) -> None:
    occupied(other_hotel, "101")

    business_date_roll(hotel=hotel)

    assert conditions(other_hotel)["101"] == "clean"


def test_marking_stay_overs_twice_changes_nothing_more(hotel: Property) -> None:
    occupied(hotel, "101", "201")

    assert stay_overs_mark(property_id=hotel.pk) == 2
    before = StreamEvent.objects.count()
    assert stay_overs_mark(property_id=hotel.pk) == 2

    assert StreamEvent.objects.count() == before
