"""What the services of rooms ask before they change one."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from pms.core.errors import NotThere
from properties.errors import RoomNotInUse, RoomNumberTaken, RoomTypeNotInUse
from properties.models import Room, RoomType


def property_of_room(room_id: uuid.UUID) -> uuid.UUID:
    """Return the hotel of a room (it never changes), to take the hotel's lock before the room's."""
    found: uuid.UUID | None = Room.objects.filter(pk=room_id).values_list("property_id", flat=True).first()
    if found is None:
        raise NotThere(_("That room"))
    return found


def in_use(room: Room) -> Room:
    """Return the room, or raise `RoomNotInUse`."""
    if room.archived_at is not None:
        raise RoomNotInUse(room=room.number)
    return room


def refuse_taken(property_id: uuid.UUID, number: str, *, but: uuid.UUID | None = None) -> None:
    """Raise `RoomNumberTaken` if another room has the number."""
    other = Room.objects.filter(property_id=property_id, number=number).exclude(pk=but).first()
    if other is not None:
        raise RoomNumberTaken(number, archived=other.archived_at is not None)


def refuse_type(property_id: uuid.UUID, room_type_id: uuid.UUID) -> None:
    """Raise `RoomTypeNotInUse` unless the hotel sells rooms of this type."""
    if not RoomType.objects.filter(pk=room_type_id, property_id=property_id, archived_at=None).exists():
        raise RoomTypeNotInUse
