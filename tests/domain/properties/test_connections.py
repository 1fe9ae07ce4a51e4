"""Connecting rooms: told once for a pair, known from both sides, forgotten with the room."""

from __future__ import annotations

import uuid

import pytest

from pms.core.errors import InvalidValue
from properties.models import Property, Room, RoomConnection
from properties.places.selectors import connected_with
from properties.services import room_archive
from properties.services.connections import connections_end, room_connect
from tests.factories.properties import make_room


@pytest.fixture
def rooms(hotel: Property) -> list[Room]:
    """Three rooms side by side."""
    return [make_room(hotel=hotel, number=number, floor="7") for number in ("701", "702", "703")]


def doors(room: Room) -> list[str]:
    return [other.number for other in connected_with([room.pk]).get(room.pk, ())]


def test_a_door_is_known_from_both_sides_and_told_once(rooms: list[Room]) -> None:
    one, two, three = rooms
    room_connect(room_id=two.pk, to=[one.pk, three.pk])
    room_connect(room_id=one.pk, to=[two.pk])

    assert RoomConnection.objects.count() == 2
    assert (doors(one), doors(two), doors(three)) == (["702"], ["701", "703"], ["702"])

    room_connect(room_id=one.pk, without=[two.pk])
    assert (doors(one), doors(two)) == ([], ["703"])


def test_no_door_to_itself_to_another_hotel_or_to_nowhere(rooms: list[Room], other_hotel: Property) -> None:
    theirs = Room.objects.filter(property=other_hotel).first()
    assert theirs is not None
    for pk in (rooms[0].pk, theirs.pk, uuid.uuid4()):
        with pytest.raises(InvalidValue):
            room_connect(room_id=rooms[0].pk, to=[pk])
    assert not RoomConnection.objects.exists()


def test_a_room_that_leaves_takes_its_doors_along(rooms: list[Room]) -> None:
    one, two, three = rooms
    room_connect(room_id=two.pk, to=[one.pk, three.pk])

    room_archive(room_id=one.pk)
    assert doors(two) == ["703"]

    connections_end(room=two)
    assert not RoomConnection.objects.exists()
