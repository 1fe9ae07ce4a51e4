"""Stock: the one way counters move, and how nights are opened for sale."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from pms.core.db_errors import domain_error, on_sqlstate
from pms.core.locks import Lock, lock_exclusive, require_transaction
from pms.core.templatetags.ui import day
from pms.events.publish import publish
from properties.models import Property
from reservations.errors import NightNotOpen, NotAvailable
from reservations.events import AvailabilityMoved

from .day import day_held_open

Part = Literal["physical", "out_of_order", "sold", "block", "hold", "limit"]

# How far ahead a hotel sells: the seed and the nightly roll keep this many nights open.
HORIZON = dt.timedelta(days=750)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a counter: `room_type_id` None means the house alone."""

    room_type_id: uuid.UUID | None
    night: dt.date
    by: int
    part: Part = "sold"

    def as_json(self) -> dict[str, Any]:
        """Return the step in the form the database function reads."""
        kind = str(self.room_type_id) if self.room_type_id else None
        return {"type": kind, "night": self.night.isoformat(), "part": self.part, "by": self.by}


def stock_held(hotel: Property) -> Property:
    """Hold the business day open and the hotel's stock still, and return the hotel as it is now.

    For acts on a stay that exists: which counters its nights hold must be read under the lock, or two acts on one stay
    at once would both give back what it held before.
    """
    hotel = day_held_open(hotel)
    lock_exclusive(Lock.INVENTORY, hotel.pk)
    return hotel


# What is left, per counter that was touched: (room type, or None for the house; night).
Left = dict[tuple[uuid.UUID | None, dt.date], int]


def inventory_move(*, hotel: Property, moves: Iterable[Move], forced: bool = False) -> Left:
    """Move the counters, all or none, and return how many rooms are left on each that was touched.

    Raises `NotAvailable` (unless `forced`) when a night would be sold beyond its limit and `NightNotOpen` for a night
    that is not opened. One round trip; it holds the property's inventory lock until the transaction ends.
    """
    require_transaction("A change of the inventory")
    steps = [move for move in moves if move.by]
    if not steps:
        return {}
    left = _call_guard(hotel.pk, steps, forced=forced)
    # Rooms made of others move the counters of other types too: the answer names them.
    _tell(hotel, {*left, *((move.room_type_id, move.night) for move in steps)})
    return left


def inventory_rebind(*, hotel: Property, nights: Iterable[dt.date], forced: bool = False) -> Left:
    """Judge anew what rooms made of others bind, once it changed who is planned into which room or what it is made of.

    Raises `NotAvailable` (unless `forced`) when a type has not so many rooms left. Nights that are not opened count for
    nothing.
    """
    require_transaction("A change of the inventory")
    with _refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT moved_type, moved_night, left_over FROM inventory_rebind(%s, %s::date[], %s)",
            [hotel.pk, sorted(set(nights)), forced],
        )
        left = {(kind, night): rooms for kind, night, rooms in cursor.fetchall()}
    if left:
        _tell(hotel, left)
    return left


def _tell(hotel: Property, counters: Collection[tuple[uuid.UUID | None, dt.date]]) -> None:
    nights = [night for _kind, night in counters]
    publish(
        AvailabilityMoved(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            room_type_ids=tuple(sorted({kind for kind, _night in counters if kind})),
            first=min(nights),
            last=max(nights),
        )
    )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        refusal = domain_error(error)
        if refusal is None:
            raise
        raise refusal from error


def _call_guard(property_id: uuid.UUID, steps: Sequence[Move], *, forced: bool) -> Left:
    with _refusals(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT moved_type, moved_night, left_over FROM inventory_move(%s, %s::jsonb, %s)",
            [property_id, json.dumps([step.as_json() for step in steps]), forced],
        )
        return {(kind, night): left for kind, night, left in cursor.fetchall()}


# Opens nights that are not there yet, for the house and every type, with the rooms there will be in each: those of one
# type for ever, and those whose type changes by date.
OPEN_NIGHTS = """
    WITH nights AS (
        SELECT night::date FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS night
    ), rooms AS (
        SELECT room.id, room.room_type_id, EXISTS (
            SELECT FROM properties_roomtypespan AS span WHERE span.room_id = room.id
        ) AS turns, room.parts <> '{}' AS has_parts
        FROM properties_room AS room WHERE room.property_id = %(property)s AND room.archived_at IS NULL
    ), steady AS (
        SELECT room_type_id AS kind, count(*) AS rooms FROM rooms WHERE NOT turns GROUP BY room_type_id
        UNION ALL
        SELECT NULL, count(*) FROM rooms WHERE NOT has_parts
    ), turning AS (
        SELECT span.room_type_id AS kind, nights.night, count(*) AS rooms
        FROM rooms
        JOIN properties_roomtypespan AS span ON span.room_id = rooms.id
        JOIN nights ON span.days @> nights.night
        GROUP BY span.room_type_id, nights.night
    ), kinds AS (
        SELECT id FROM properties_roomtype WHERE property_id = %(property)s
        UNION ALL
        SELECT NULL
    )
    INSERT INTO reservations_roomtypenight
        (property_id, room_type_id, night, physical, out_of_order, sold, block, hold, "limit", forced)
    SELECT %(property)s, kinds.id, nights.night, coalesce(steady.rooms, 0) + coalesce(turning.rooms, 0),
           0, 0, 0, 0, 0, 0
    FROM kinds
    CROSS JOIN nights
    LEFT JOIN steady ON steady.kind IS NOT DISTINCT FROM kinds.id
    LEFT JOIN turning ON turning.kind = kinds.id AND turning.night = nights.night
    ON CONFLICT (property_id, night, room_type_id) DO NOTHING
"""


@transaction.atomic
def inventory_open(*, hotel: Property, first: dt.date | None = None, last: dt.date | None = None) -> int:
    """Open the nights from `first` to `last` (default: the day before the business date to the horizon).

    Nights that are open stay as they are. Returns the number of counters made.
    """
    begin = first or hotel.business_date - dt.timedelta(days=1)
    lock_exclusive(Lock.INVENTORY, hotel.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_NIGHTS, {"property": hotel.pk, "first": begin, "last": last or hotel.business_date + HORIZON}
        )
        return int(cursor.rowcount)


# Opens a type's counters in the nights that the house has open from `first` on, with the rooms there are today.
OPEN_TYPE = """
    INSERT INTO reservations_roomtypenight
        (property_id, room_type_id, night, physical, out_of_order, sold, block, hold, "limit", forced)
    SELECT house.property_id, %(type)s, house.night,
           (SELECT count(*) FROM properties_room WHERE room_type_id = %(type)s AND archived_at IS NULL),
           0, 0, 0, 0, 0, 0
    FROM reservations_roomtypenight AS house
    WHERE house.property_id = %(property)s AND house.room_type_id IS NULL AND house.night >= %(first)s
    ON CONFLICT (property_id, night, room_type_id) DO NOTHING
"""


@transaction.atomic
def inventory_open_type(*, hotel: Property, room_type_id: uuid.UUID) -> int:
    """Open a new room type in every night the house has open, so that rooms can be added to it.

    Returns the number of counters made.
    """
    lock_exclusive(Lock.INVENTORY, hotel.pk)
    first = hotel.business_date - dt.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TYPE, {"property": hotel.pk, "type": room_type_id, "first": first})
        return int(cursor.rowcount)


def _detail(diagnostics: Any) -> tuple[uuid.UUID | None, dt.date]:
    facts = json.loads(diagnostics.message_detail)
    return uuid.UUID(facts["type"]) if facts["type"] else None, dt.date.fromisoformat(facts["night"])


def _not_available(diagnostics: Any) -> NotAvailable:
    kind, night = _detail(diagnostics)
    return NotAvailable(room_type=kind, night=night)


def _not_open(diagnostics: Any) -> NightNotOpen:
    _index, night = _detail(diagnostics)
    return NightNotOpen(
        _("The night of %(day)s is not open for sale. Nothing was booked; choose other dates.") % {"day": day(night)},
        night=night.isoformat(),
    )


on_sqlstate("PM001", _not_available)
on_sqlstate("PM002", _not_open)
