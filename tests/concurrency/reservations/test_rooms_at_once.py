"""The same file is taken twice at once, and one room gets two next types at once; the controls have no lock."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from properties.models import Property, Room, RoomType, RoomTypeSpan
from properties.room_file import RoomLine
from properties.services import room_import, room_type_spans
from properties.services.room_import import rooms_import
from properties.services.room_type_spans import room_type_plan
from properties.services.setup import RoomPlan
from tests.concurrency.reservations.selling import assert_counts_are_right, doubles, names, selling_hotel
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

NUMBERS = ("801", "802", "803")


def importing(hotel: Property) -> Callable[[], list[Room]]:
    lines = [RoomLine(place, {"number": number, "type": "Penthouse"}) for place, number in enumerate(NUMBERS, 2)]
    return lambda: rooms_import(property_id=hotel.pk, lines=lines, new_types=True)


def meet_instead_of_locking(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Take the guard off: where one waited for the other, now both go on together."""
    meeting = threading.Barrier(2)
    monkeypatch.setattr(module, "lock_exclusive", lambda *_what: meeting.wait(10))


@pytest.mark.parametrize("turn", range(3))
def test_a_file_taken_twice_at_once_adds_its_rooms_once(transactional_db: Any, turn: int) -> None:
    hotel = selling_hotel([doubles(1)])

    results = names(together(importing(hotel), importing(hotel)))

    assert results == ["RoomNumberTaken", "ok"]
    assert sorted(Room.objects.filter(property=hotel, number__in=NUMBERS).values_list("number", flat=True)) == [
        *NUMBERS
    ]
    assert RoomType.objects.filter(property=hotel, name="Penthouse").count() == 1
    assert_counts_are_right(hotel)


def test_control_without_the_lock_both_make_the_type(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = selling_hotel([doubles(1)])
    meet_instead_of_locking(monkeypatch, room_import)

    assert names(together(importing(hotel), importing(hotel))) == ["RoomTypeCodeTaken", "ok"]


def retyping(room: Room, since: dt.date, code: str) -> Callable[[], Room]:
    kind = RoomType.objects.get(property=room.property_id, code=code)
    return lambda: room_type_plan(room_id=room.pk, room_type_id=kind.pk, since=since)


def unlocked(room_id: uuid.UUID) -> Room:
    return Room.objects.select_related("property").get(pk=room_id)


def hotel_with_types() -> tuple[Property, Room]:
    others = [RoomPlan(code=code, name=code, numbers=[number]) for code, number in (("AAA", "201"), ("BBB", "301"))]
    hotel = selling_hotel([doubles(2), *others])
    return hotel, Room.objects.filter(property=hotel).order_by("number")[0]


@pytest.mark.parametrize("turn", range(3))
def test_two_next_types_at_once_leave_one_plan_without_gaps(transactional_db: Any, turn: int) -> None:
    hotel, room = hotel_with_types()
    later = hotel.business_date + dt.timedelta(days=3)

    results = together(retyping(room, later, "AAA"), retyping(room, later + dt.timedelta(days=2), "BBB"))

    assert names(results) == ["ok", "ok"]
    assert_plan_is_whole(room)
    assert_counts_are_right(hotel)


def test_control_without_the_locks_two_first_plans_collide(
    transactional_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hotel, room = hotel_with_types()
    later = hotel.business_date + dt.timedelta(days=3)
    meet_instead_of_locking(monkeypatch, room_type_spans)
    monkeypatch.setattr(room_type_spans, "room_for_update", unlocked)

    results = together(retyping(room, later, "AAA"), retyping(room, later + dt.timedelta(days=2), "BBB"))

    assert "ok" in names(results) and names(results) != ["ok", "ok"]


def assert_plan_is_whole(room: Room) -> None:
    """Every day has one type: each span begins where the one before it ends."""
    spans = list(RoomTypeSpan.objects.filter(room=room).order_by("days"))
    assert spans[0].days.lower is None and spans[-1].days.upper is None
    assert all(before.days.upper == after.days.lower for before, after in pairwise(spans))
