"""Writes that would skip the news and the audit are refused, with the right door named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pms.core.models import BypassesTheNews
from properties.models import Property, Room
from tests.domain.core.given import make_hotel, make_room, make_type

pytestmark = pytest.mark.django_db

BYPASSES: dict[str, Callable[[Room], Any]] = {
    "update": lambda room: Room.objects.update(floor="9"),
    "filtered update": lambda room: Room.objects.filter(pk=room.pk).update(floor="9"),
    "update through a relation": lambda room: room.property.rooms.update(floor="9"),
    "bulk_create": lambda room: Room.objects.bulk_create(
        [Room(property=room.property, room_type=room.room_type, number="9")]
    ),
    "bulk_update": lambda room: Room.objects.bulk_update([room], ["floor"]),
    "adding to a relation": lambda room: make_hotel().rooms.add(room),
    "the base manager": lambda room: Room._base_manager.update(floor="9"),
}


@pytest.mark.parametrize("bypass", BYPASSES.values(), ids=BYPASSES.keys())
def test_a_write_without_signals_is_refused_and_changes_nothing(bypass: Callable[[Room], Any]) -> None:
    room = make_room()
    hotel_id = room.property_id
    room.floor = "9"

    with pytest.raises(BypassesTheNews, match="skips the live news and the audit; "):
        bypass(room)

    stored = Room.objects.get()
    assert (stored.floor, stored.version, stored.property_id) == ("", 1, hotel_id)


def test_deleting_many_is_allowed_since_it_sends_signals() -> None:
    room = make_room()

    Room.objects.filter(pk=room.pk).delete()

    assert not Room.objects.exists()


def test_get_or_create_and_update_or_create_save_each_row() -> None:
    hotel = make_hotel()
    kind = make_type(hotel)
    defaults = {"room_type": kind, "floor": "1"}

    Room.objects.update_or_create(property=hotel, number="1", defaults=defaults)
    Room.objects.update_or_create(property=hotel, number="1", defaults={**defaults, "floor": "2"})

    assert (Room.objects.get().floor, Room.objects.get().version) == ("2", 2)
    assert Property.objects.get().version == 1
