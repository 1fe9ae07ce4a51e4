"""Connecting rooms: which rooms have a door between them."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from properties.models import Room, RoomConnection
from properties.selectors import rooms_for_update


@transaction.atomic
def room_connect(*, room_id: uuid.UUID, to: Collection[uuid.UUID] = (), without: Collection[uuid.UUID] = ()) -> None:
    """Note doors between the room and the rooms `to`, and forget those to the rooms `without`.

    What is so already changes and announces nothing. Raises `InvalidValue` for the room itself and for rooms of other
    hotels.
    """
    rooms = {room.pk: room for room in rooms_for_update({room_id, *to, *without})}
    room = rooms.get(room_id)
    if room is None or room_id in to:
        raise InvalidValue(_("A room has no door to itself. Nothing was saved."), field="connects")
    if any(pk not in rooms or rooms[pk].property_id != room.property_id for pk in (*to, *without)):
        raise InvalidValue(_("One of these rooms is not of this hotel. Nothing was saved."), field="connects")
    for pk in sorted(set(to) - set(without)):
        first, second = sorted((room_id, pk))
        if not RoomConnection.objects.filter(first_id=first, second_id=second).exists():
            RoomConnection(property_id=room.property_id, first_id=first, second_id=second).save()
    for pk in sorted(without):
        first, second = sorted((room_id, pk))
        for door in RoomConnection.objects.filter(first_id=first, second_id=second):
            door.delete()


def connections_end(*, room: Room) -> None:
    """Forget the doors of a room that leaves the house."""
    for door in RoomConnection.objects.filter(first=room) | RoomConnection.objects.filter(second=room):
        door.delete()
