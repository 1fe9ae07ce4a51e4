"""Rooms: which there are, in what condition they are, whether somebody is in them.

The number of rooms is part of the inventory, so adding, archiving and changing the type of a room take the hotel's
inventory lock before the room (docs/adr/0004-lock-order.md): whoever counts rooms reacts inside it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from pms.core.locks import Lock, lock_exclusive
from pms.events.base import Changes
from pms.events.publish import publish, publish_all
from pms.events.together import save_together
from properties.errors import RoomOccupied
from properties.events import (
    RoomAdded,
    RoomArchived,
    RoomArchiving,
    RoomChanged,
    RoomMarked,
    RoomOccupancySet,
    RoomRestored,
    RoomsAdding,
)
from properties.models import Floor, Room, Section
from properties.places.selectors import TypeCalendar
from properties.selectors import business_date_of, room_family_for_update, room_for_update, rooms_for_update

from .changes import apply, check, key_of
from .connections import connections_end
from .places import features_check, floor_named
from .room_parts import (
    conditions_following,
    occupancies_following,
    parts_in_order,
    parts_locked,
    parts_settle,
    refuse_family,
)
from .room_rules import in_use, property_of_room, refuse_taken, refuse_type
from .room_type_spans import retype

CHANGEABLE = frozenset({"number", "floor", "on_floor", "section", "features", "room_type", "parts"})


class RoomFacts(TypedDict, total=False):
    """What a room is made with: `floor` is the name of one that is made where it is new, `on_floor_id` one there is."""

    number: Required[str]
    floor: str
    on_floor_id: uuid.UUID | None
    section_id: uuid.UUID | None
    features: Sequence[str]
    condition: str


@transaction.atomic
def room_add(*, property_id: uuid.UUID, room_type_id: uuid.UUID, **facts: Unpack[RoomFacts]) -> Room:
    """Add a room to the house. Raises `RoomNumberTaken`, `RoomTypeNotInUse`, `InvalidValue`."""
    lock_exclusive(Lock.INVENTORY, property_id)
    publish(
        RoomsAdding(property_id=property_id, business_date=business_date_of(property_id), counts=((room_type_id, 1),))
    )
    return room_make(property_id=property_id, room_type_id=room_type_id, **facts)


def room_make(*, property_id: uuid.UUID, room_type_id: uuid.UUID, **facts: Unpack[RoomFacts]) -> Room:
    """Save a room that the stock was told of (`RoomsAdding`) under the hotel's inventory lock; raises as `room_add`."""
    refuse_type(property_id, room_type_id)
    refuse_taken(property_id, facts["number"])
    _refuse_foreign(property_id, {"on_floor": facts.get("on_floor_id"), "section": facts.get("section_id")})
    room = Room(property_id=property_id, room_type_id=room_type_id, **facts)
    check(room, leave={"sort_key"})
    features_check(property_id, room.features)
    _settle_floor(room, {"on_floor_id": (None, room.on_floor_id)} if room.on_floor_id else {"floor": ("", room.floor)})
    room.save()
    publish(
        RoomAdded(
            property_id=property_id,
            business_date=business_date_of(property_id),
            room_id=room.pk,
            room_type_id=room_type_id,
            version=room.version,
        )
    )
    return room


@transaction.atomic
def room_change(
    *,
    room_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> Room:
    """Change number, place, features or type of a room, merged with what others saved since `seen_version`.

    Another type holds from the business date on and may be refused by whoever sold the old one (`RoomChanging`), and
    so may other `parts` (`RoomPartsChanging`). Raises `RoomNumberTaken`, `RoomTypeNotInUse`, `RoomNotInUse`,
    `RoomMadeOfOthers`, `StaleVersion`, `InvalidValue`.
    """
    lock_exclusive(Lock.INVENTORY, property_of_room(room_id))
    room = in_use(parts_locked(room_id, values) if "parts" in values else room_for_update(room_id))
    before = room.room_type_id
    if "room_type" in values:
        refuse_type(room.property_id, key_of(values["room_type"]))
    values = parts_in_order(room, values)
    _refuse_foreign(room.property_id, values)
    changes = apply(room, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals)
    if not changes:
        return room
    if "number" in changes:
        refuse_taken(room.property_id, room.number, but=room.pk)
    if "features" in changes:
        features_check(room.property_id, room.features)
    changes = _settle_floor(room, changes)
    if "room_type_id" in changes:
        refuse_family(room)
        new, room.room_type_id = room.room_type_id, before
        retype(room, new, since=room.property.business_date)
        room.room_type_id = new
    room.save()
    if "parts" in changes:
        parts_settle(room, before=changes["parts"][0])
    publish(RoomChanged(version=room.version, changes=changes, **_facts(room)))
    return room


@transaction.atomic
def room_archive(*, room_id: uuid.UUID) -> Room:
    """Take a room out of the house; its history stays, and so does its number (`room_restore`).

    Raises `RoomOccupied`; whoever has stays in it may refuse too (`RoomArchiving`).
    """
    lock_exclusive(Lock.INVENTORY, property_of_room(room_id))
    room = room_for_update(room_id)
    if room.archived_at is not None:
        return room
    if room.occupancy == Room.Occupancy.OCCUPIED:
        raise RoomOccupied(room=room.number)
    refuse_family(room)
    facts = {**_facts(room), "room_type_id": room.room_type_id}
    publish(RoomArchiving(**facts))
    room.archived_at = timezone.now()
    room.save()
    connections_end(room=room)
    publish(RoomArchived(version=room.version, **facts))
    return room


@transaction.atomic
def room_restore(*, room_id: uuid.UUID) -> Room:
    """Take an archived room into the house again, dirty until somebody looked at it.

    It is of the type that was planned for today before it went, and later of what was planned then. Raises
    `RoomTypeNotInUse` if one of these types was archived meanwhile.
    """
    property_id = property_of_room(room_id)
    lock_exclusive(Lock.INVENTORY, property_id)
    room = room_for_update(room_id)
    if room.archived_at is None:
        return room
    calendar, today = TypeCalendar([room]), room.property.business_date
    room.room_type_id = calendar.on(room.pk, today)
    for kind in {room.room_type_id, *(span.room_type_id for span in calendar.changes(room.pk, after=today))}:
        refuse_type(property_id, kind)
    room.archived_at, room.condition = None, Room.Condition.DIRTY
    if room.section is not None and room.section.archived_at is not None:
        room.section = None
    if room.on_floor is not None and room.on_floor.archived_at is not None:
        room.on_floor = None
        _settle_floor(room, {"on_floor_id": (None, None)})
    room.save()
    publish(RoomRestored(version=room.version, room_type_id=room.room_type_id, **_facts(room)))
    return room


@transaction.atomic
def room_mark(*, room_id: uuid.UUID, condition: str, seen_version: int | None = None) -> Room:
    """Say in what condition a room is; marking it as it is already changes and announces nothing.

    With `seen_version` (a card, a queued act of a phone that was offline) it raises `StaleVersion` when somebody else
    marked the room otherwise meanwhile; other changes of the room do not stand in the way.
    Raises `RoomNotInUse`, `InvalidValue`.
    """
    if condition not in Room.Condition.values:
        raise InvalidValue(_("“%s” is no condition of a room. Nothing was changed.") % condition, field="condition")
    room, family = room_family_for_update(room_id)
    _marked(in_use(room), condition, seen_version)
    for other, found in conditions_following(room, family):
        _marked(other, found)
    return room


def _marked(room: Room, condition: str, seen_version: int | None = None) -> None:
    changes = apply(room, values={"condition": condition}, allowed=frozenset({"condition"}), seen_version=seen_version)
    if changes:
        room.save()
        publish(RoomMarked(version=room.version, changes=changes, **_facts(room)))


@transaction.atomic
def rooms_mark(*, room_ids: Collection[uuid.UUID], condition: str) -> list[Room]:
    """Say the same of many rooms in use, in a fixed number of queries, and return those that were otherwise.

    Each gets its version, its audit entry and its own `RoomMarked`, as by `room_mark`. Raises `InvalidValue`.
    """
    changed = []
    for room in rooms_for_update(room_ids):  # of a room made of others, the roll names its parts as well
        changes = apply(room, values={"condition": condition}, allowed=frozenset({"condition"}))
        if changes and room.archived_at is None:
            changed.append((room, changes))
    rooms = [room for room, _changes in changed]
    save_together(rooms)
    publish_all([RoomMarked(version=room.version, changes=changes, **_facts(room)) for room, changes in changed])
    return rooms


@transaction.atomic
def room_set_occupancy(*, room_id: uuid.UUID, occupancy: str) -> Room:
    """Note that a room is occupied or vacant: for check-in, check-out and moves alone, never by hand (domain.md 5)."""
    room, family = room_family_for_update(room_id)
    for one, said in ((room, occupancy), *occupancies_following(room, occupancy, family)):
        changes = apply(one, values={"occupancy": said}, allowed=frozenset({"occupancy"}))
        if changes:
            one.save()
            publish(RoomOccupancySet(version=one.version, changes=changes, **_facts(one)))
    return room


def _facts(room: Room) -> dict[str, Any]:
    """Return what every event of a room says."""
    return {"property_id": room.property_id, "business_date": room.property.business_date, "room_id": room.pk}


def _settle_floor(room: Room, changes: Changes) -> Changes:
    """Keep the floor's name and its row one fact, whichever of them was given; return both changes."""
    told = dict(changes)
    if "on_floor_id" in changes:
        name = room.on_floor.name if room.on_floor else ""
        told["floor"], room.floor = (room.stored("floor") or "", name), name
    elif "floor" in changes:
        room.on_floor = floor_named(room.property_id, room.floor)
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}


def _refuse_foreign(property_id: uuid.UUID, values: Mapping[str, Any]) -> None:
    """Raise `InvalidValue` for a floor or section that this hotel has not; another's is told as one that is not there.

    Asked before the field looks for its row, since that answer would tell which of the two it is.
    """
    for name, model in (("on_floor", Floor), ("section", Section)):
        pk = key_of(values.get(name))
        if pk is not None and not model.objects.filter(pk=pk, property_id=property_id).exists():
            raise InvalidValue(_("This hotel has no such floor or section. Nothing was saved."), field=name)
