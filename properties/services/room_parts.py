"""Rooms made of others (a suite of two doubles): which rooms are whose parts, and how their states hang together.

A room made of others has no beds of its own: it is clean, vacant and free as its parts are. Both sides of the fact,
`Room.parts` and `Room.part_of`, are written here alone, under the hotel's inventory lock.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from pms.events.publish import publish
from properties.errors import RoomMadeOfOthers
from properties.events import RoomPartsChanging
from properties.models import Room
from properties.selectors import room_for_update, rooms_for_update

Condition = Room.Condition
# A room made of others is as the worst of its parts.
WORST_FIRST = (Condition.DIRTY, Condition.TOUCH_UP, Condition.CLEAN, Condition.INSPECTED)


def parts_locked(room_id: uuid.UUID, values: Mapping[str, Any]) -> Room:
    """Lock the room with the parts it is to have and those it has, and return it."""
    had = Room.objects.filter(part_of_id=room_id).values_list("pk", flat=True)
    rooms_for_update({room_id, *had, *_keys(values["parts"])})
    return room_for_update(room_id)


def parts_in_order(room: Room, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `values` with its `parts`, if any, as they are stored: keys as text, in house order.

    Raises `InvalidValue` for a room that is not this hotel's, that has parts or is a part already, and for a single
    one; `RoomMadeOfOthers` if this room is itself a part.
    """
    if "parts" not in values:
        return values
    wanted = set(_keys(values["parts"]))
    rooms = list(
        Room.objects.filter(pk__in=wanted, property_id=room.property_id, archived_at=None).order_by("sort_key")
    )
    if len(rooms) != len(wanted) or room.pk in wanted:
        raise InvalidValue(_("One of these rooms is not in use here. Nothing was saved."), field="parts")
    if len(rooms) == 1:
        raise InvalidValue(_("A room is made of two others or more. Nothing was saved; add another."), field="parts")
    if rooms and room.part_of_id is not None:
        refuse_family(room)
    for part in rooms:
        if part.parts or part.part_of_id not in (None, room.pk):
            words = _("Room %s is made of others or a part of another already. Nothing was saved; take it apart first.")
            raise InvalidValue(words % part.number, field="parts")
    return {**values, "parts": [str(part.pk) for part in rooms]}


def parts_settle(room: Room, *, before: Collection[str]) -> None:
    """Tell the rooms that came and went of which room they are a part, and let the stock follow.

    The room itself is saved. Whoever has sold it, or a part of it, may refuse (`RoomPartsChanging`).
    """
    for part in rooms_for_update(_keys({*before, *room.parts})):
        part.part_of = room if str(part.pk) in room.parts else None
        part.save()
    beds = bool(before) - bool(room.parts)
    publish(
        RoomPartsChanging(
            property_id=room.property_id, business_date=room.property.business_date, room_id=room.pk, beds=beds
        )
    )


def refuse_family(room: Room) -> None:
    """Raise `RoomMadeOfOthers` for a room that is made of others, or a part of one."""
    if room.parts:
        words = _("Room %(room)s is made of other rooms. Nothing was changed; take it apart first.")
        raise RoomMadeOfOthers(words % {"room": room.number}, room=room.number)
    if room.part_of is not None:
        words = _("Room %(room)s is a part of %(whole)s. Nothing was changed; take it out of there first.")
        raise RoomMadeOfOthers(words % {"room": room.number, "whole": room.part_of.number}, room=room.number)


def conditions_following(room: Room, family: Sequence[Room]) -> Iterator[tuple[Room, str]]:
    """Return what else is in another condition once `room` was marked: its parts, or the room it is a part of."""
    if room.parts:
        yield from ((part, room.condition) for part in family if part.part_of_id == room.pk)
    elif whole := _whole(room, family):
        parts = {room.condition, *(one.condition for one in family if one.part_of_id == whole.pk and one.pk != room.pk)}
        yield whole, next(condition for condition in WORST_FIRST if condition in parts)


def occupancies_following(room: Room, occupancy: str, family: Sequence[Room]) -> Iterator[tuple[Room, str]]:
    """Return what else is occupied or vacant with `room`: its parts; the room it is a part of while one part is."""
    if room.parts:
        yield from ((part, occupancy) for part in family if part.part_of_id == room.pk)
    elif whole := _whole(room, family):
        others = {one.occupancy for one in family if one.part_of_id == whole.pk and one.pk != room.pk}
        occupied = Room.Occupancy.OCCUPIED.value
        yield whole, occupied if occupied in {occupancy, *others} else occupancy


def _whole(room: Room, family: Sequence[Room]) -> Room | None:
    return next((one for one in family if one.pk == room.part_of_id), None)


def _keys(parts: Collection[Any]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(str(part)) for part in parts]
    except ValueError as error:
        raise InvalidValue(_("One of these rooms is not in use here. Nothing was saved."), field="parts") from error
