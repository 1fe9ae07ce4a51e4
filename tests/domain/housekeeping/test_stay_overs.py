"""A new business day finds work in every occupied room."""

from __future__ import annotations

from typing import Any

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housekeeping.services import stay_overs_mark
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties.models import Property, Room
from properties.services import room_add, room_mark, room_set_occupancy
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


def rolled_in_queries(hotel: Property) -> int:
    with CaptureQueriesContext(connection) as queries:
        business_date_roll(hotel=hotel)
    return len(queries)


@time_machine.travel("2026-03-17T03:00:00+01:00")
def test_a_full_house_holds_the_day_no_longer_than_one_room(hotel: Property) -> None:
    """Counted, not timed: whoever stands at the desk waits for as many round trips as there are here."""
    kind = Room.objects.filter(property=hotel).first().room_type_id
    numbers = [str(number) for number in range(600, 612)]
    for number in numbers:
        room_add(property_id=hotel.pk, room_type_id=kind, number=number)
    occupied(hotel, "101")
    business_date_roll(hotel=hotel)  # what is read once per process is read
    room_mark(room_id=Room.objects.get(property=hotel, number="101").pk, condition="clean")
    alone = rolled_in_queries(hotel)
    occupied(hotel, *numbers)

    assert rolled_in_queries(hotel) == alone
    assert alone <= 38
    assert {conditions(hotel)[number] for number in numbers} == {"dirty"}


def test_control_one_call_per_room_costs_queries_per_room(hotel: Property) -> None:
    """The count can tell: marked one by one, a second room costs as much as the first."""
    costs = []
    for number in ("101", "102"):
        room = Room.objects.get(property=hotel, number=number)
        with CaptureQueriesContext(connection) as queries:
            room_mark(room_id=room.pk, condition="dirty")
        costs.append(len(queries))

    assert min(costs) >= 8


def traces_of(room: Room) -> dict[str, Any]:
    """Return what marking left behind: row, audit entry, news and event, without keys and moments."""
    room.refresh_from_db()
    entry = AuditEntry.objects.filter(object_pk=str(room.pk)).latest("id")
    news = StreamEvent.objects.filter(object_id=room.pk).order_by("id")
    told = {event.code: event for event in news}
    plain = (str(room.pk), "ROOM"), (room.number, "NUMBER")

    def masked(value: Any) -> str:
        text = str(value)
        for old, new in plain:
            text = text.replace(old, new)
        return text

    return {
        "row": (room.condition, room.version, room.field_versions),
        "entry": masked((entry.action, entry.changes, entry.additional_data, entry.object_repr, entry.property_id)),
        "who": (entry.actor_id, entry.via, entry.request_id, entry.content_type_id),
        "changed": masked((told["room.changed"].touches, told["room.changed"].version)),
        "marked": masked((told["room.marked"].payload, told["room.marked"].touches, told["room.marked"].version)),
    }


def test_a_room_marked_with_others_leaves_the_same_traces_as_one_marked_alone(hotel: Property) -> None:
    occupied(hotel, "101")
    alone, together = (Room.objects.get(property=hotel, number=number) for number in ("102", "101"))
    room_set_occupancy(room_id=alone.pk, occupancy="occupied")

    room_mark(room_id=alone.pk, condition="dirty")
    stay_overs_mark(property_id=hotel.pk)

    assert traces_of(together) == traces_of(alone)
    assert traces_of(together)["row"] == ("dirty", 3, {"occupancy": 2, "condition": 3})
