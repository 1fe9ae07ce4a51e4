"""Rows saved together leave what each would leave alone, and refuse what each would refuse."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pms.core.errors import NotThere, StaleVersion
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from pms.events.together import save_together
from properties.models import Property, Room
from tests.domain.core.given import make_hotel, make_type

pytestmark = pytest.mark.django_db


def some_rooms(number: int, hotel: Property | None = None) -> list[Room]:
    """Make rooms and return them as they are stored."""
    hotel = hotel or make_hotel()
    kind = make_type(hotel)
    for one in range(number):
        Room.objects.create(property=hotel, room_type=kind, number=str(100 + one))
    return list(Room.objects.filter(property=hotel).order_by("number"))


def news_of(room: Room) -> list[str]:
    return list(StreamEvent.objects.filter(object_id=room.pk).order_by("id").values_list("code", flat=True))


def test_each_row_has_its_version_its_audit_entry_and_its_news() -> None:
    first, second = some_rooms(2)
    first.floor, second.floor = "1", "2"

    save_together([first, second])

    for room, floor in ((first, "1"), (second, "2")):
        stored = Room.objects.get(pk=room.pk)
        assert (stored.floor, stored.version, stored.field_versions) == (floor, 2, {"floor": 2})
        assert stored.updated_at > room.created_at
        assert AuditEntry.objects.filter(object_pk=str(room.pk)).latest("id").changes == {"floor": ["", floor]}
        assert news_of(room) == ["room.added", "room.changed"]
        assert room.changed_fields() == set()


def test_a_row_that_is_as_it_was_is_not_saved() -> None:
    first, second = some_rooms(2)
    first.floor = "1"

    save_together([first, second])

    assert (Room.objects.get(pk=second.pk).version, news_of(second)) == (1, ["room.added"])


def test_nothing_to_save_asks_nothing() -> None:
    rooms = some_rooms(2)

    with CaptureQueriesContext(connection) as queries:
        save_together(rooms)

    assert len(queries) == 0


def test_many_rows_cost_as_many_queries_as_one() -> None:
    def cost(rooms: list[Room]) -> int:
        for room in rooms:
            room.floor = "7"
        with CaptureQueriesContext(connection) as queries:
            save_together(rooms)
        return len(queries)

    cost(some_rooms(1))  # content types are read once
    assert cost(some_rooms(1)) == cost(some_rooms(12))


def test_what_somebody_else_saved_meanwhile_is_not_overwritten() -> None:
    first, second = some_rooms(2)
    theirs = Room.objects.get(pk=first.pk)
    theirs.floor = "9"
    theirs.save()
    first.floor = second.floor = "1"

    with pytest.raises(StaleVersion):
        save_together([first, second])

    assert list(Room.objects.order_by("number").values_list("floor", flat=True)) == ["9", ""]


def test_another_field_saved_meanwhile_is_taken_over() -> None:
    (room,) = some_rooms(1)
    theirs = Room.objects.get(pk=room.pk)
    theirs.condition = Room.Condition.DIRTY
    theirs.save()
    room.floor = "1"

    save_together([room])

    stored = Room.objects.get(pk=room.pk)
    assert (stored.floor, stored.condition, stored.version) == ("1", "dirty", 3)


def test_a_row_that_is_gone_stops_all() -> None:
    first, second = some_rooms(2)
    Room.objects.filter(pk=second.pk).delete()
    first.floor = second.floor = "1"

    with pytest.raises(NotThere):
        save_together([first, second])

    assert Room.objects.get(pk=first.pk).floor == ""


def test_rows_are_not_given_to_another_owner_together() -> None:
    (room,) = some_rooms(1)
    room.property = make_hotel()

    with pytest.raises(ValueError, match="another owner"):
        save_together([room])
