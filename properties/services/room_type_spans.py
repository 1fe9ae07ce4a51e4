"""Of which type a room is on which days: planned ahead, turned by the roll of the business date.

A room that never changes has no spans. From the first change on its spans cover all days without a gap, so that the
past stays what it was and any night can be asked (`TypeCalendar`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from pms.core.locks import Lock, lock_exclusive, lock_shared
from pms.events.publish import publish
from properties.events import RoomChanged, RoomChanging, RoomTypePlanned, TypeMove
from properties.models import Property, Room, RoomTypeSpan
from properties.selectors import room_for_update

from .room_parts import refuse_family
from .room_rules import in_use, property_of_room, refuse_type


@transaction.atomic
def room_type_plan(*, room_id: uuid.UUID, room_type_id: uuid.UUID, since: dt.date, forced: bool = False) -> Room:
    """Let the room be of another type from the night of `since` on, instead of whatever was planned for later.

    Whoever sold the old type refuses (`RoomChanging`): `NotAvailable` with the stays hit unless `forced`, `RoomTaken`
    while a stay is planned into the room from then on. Raises `RoomTypeNotInUse`, `RoomNotInUse`,
    `RoomMadeOfOthers`, `InvalidValue`.
    """
    property_id = property_of_room(room_id)
    lock_shared(Lock.BUSINESS_DAY, property_id)  # else a roll at this moment would not turn the room
    lock_exclusive(Lock.INVENTORY, property_id)
    room = in_use(room_for_update(room_id))
    refuse_type(room.property_id, room_type_id)
    refuse_family(room)
    if since < room.property.business_date:
        raise InvalidValue(
            _("A night that is past keeps its type. Nothing was changed; choose a later day."), field="since"
        )
    before = room.room_type_id
    moves = retype(room, room_type_id, since=since, forced=forced)
    if not moves:
        return room
    facts: dict[str, Any] = {
        "property_id": room.property_id,
        "business_date": room.property.business_date,
        "room_id": room.pk,
    }
    if since == room.property.business_date:
        room.room_type_id = room_type_id
        room.save()
        publish(RoomChanged(version=room.version, changes={"room_type_id": (before, room_type_id)}, **facts))
    else:
        changes = {"room_type_id": (moves[0].old, room_type_id)}
        publish(RoomTypePlanned(version=room.version, since=since, changes=changes, **facts))
    return room


def retype(room: Room, room_type_id: uuid.UUID, *, since: dt.date, forced: bool = False) -> Sequence[TypeMove]:
    """Rewrite the spans of the locked `room` from `since` on and return what changed; nothing changed: no move.

    The caller saves the room itself, where it turns today.
    """
    spans = list(RoomTypeSpan.objects.filter(room=room).order_by("days"))
    moves = [move for move in _later(room, spans, since, room_type_id) if move.old != move.new]
    if not moves:
        return ()
    publish(
        RoomChanging(
            property_id=room.property_id,
            business_date=room.property.business_date,
            room_id=room.pk,
            old_room_type_id=moves[0].old,
            new_room_type_id=room_type_id,
            moves=tuple(moves),
            forced=forced,
        )
    )
    _rewrite(room, spans, since, room_type_id)
    return moves


@transaction.atomic
def rooms_turn_type(*, hotel: Property) -> list[Room]:
    """Let the rooms whose next type begins on the business date be of it; asked by the roll, which holds the day."""
    day = hotel.business_date
    turned = []
    for span in RoomTypeSpan.objects.filter(property=hotel, days__contains=day).order_by("room_id"):
        room = room_for_update(span.room_id)
        if room.room_type_id == span.room_type_id or room.archived_at is not None:
            continue
        before, room.room_type_id = room.room_type_id, span.room_type_id
        room.save()
        publish(
            RoomChanged(
                property_id=hotel.pk,
                business_date=day,
                room_id=room.pk,
                version=room.version,
                changes={"room_type_id": (before, room.room_type_id)},
            )
        )
        turned.append(room)
    return turned


def _later(room: Room, spans: Sequence[RoomTypeSpan], since: dt.date, new: uuid.UUID) -> list[TypeMove]:
    """Return what the room was to be from `since` on, piece by piece, as moves to the `new` type."""
    if not spans:
        return [TypeMove(room.room_type_id, new, since, None)]
    return [
        TypeMove(span.room_type_id, new, max(since, span.days.lower or since), span.days.upper)
        for span in spans
        if span.days.upper is None or span.days.upper > since
    ]


def _rewrite(room: Room, spans: Sequence[RoomTypeSpan], since: dt.date, new: uuid.UUID) -> None:
    last = None
    for span in spans:
        if span.days.lower is not None and span.days.lower >= since:
            span.delete()
        elif span.days.upper is None or span.days.upper >= since:
            span.days, last = DateRange(span.days.lower, since), span
    if last is not None and last.room_type_id == new:
        last.days = DateRange(last.days.lower, None)
        last.save()
        return
    if last is not None:
        last.save()
    else:
        _span(room, room.room_type_id, DateRange(None, since))
    _span(room, new, DateRange(since, None))


def _span(room: Room, room_type_id: uuid.UUID, days: DateRange) -> None:
    RoomTypeSpan(property_id=room.property_id, room=room, room_type_id=room_type_id, days=days).save()
