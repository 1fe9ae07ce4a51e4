"""The one way a room is written into a stay, so that the parts of the room and the stock follow it.

A room made of others is held in each of its parts by a row of its own (`RoomAssignment.part_of`): the constraint that
keeps two stays out of one room then keeps them out of a room and its part as well.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet

from properties.models import Property, Room
from reservations.models import RoomAssignment

from .inventory import inventory_rebind
from .refusals import refusals_told

ONE_DAY = dt.timedelta(days=1)


def assignment_write(*, hotel: Property, planned: RoomAssignment) -> None:
    """Save what was planned, hold the parts of its room likewise, and count what they bind.

    The caller holds the hotel's stock. Raises `RoomTaken`, and `NotAvailable` where a type has no room left for it.
    """
    before = planned.nights_stored()
    with refusals_told():
        planned.save()
        _parts_written(planned)
    now = planned.nights if planned.active else None
    takes = now is not None and (before is None or now.lower < before.lower or now.upper > before.upper)
    family_recounted(hotel=hotel, room=planned.room, nights=[one for one in (before, now) if one], forced=not takes)


def family_recounted(*, hotel: Property, room: Room, nights: Iterable[DateRange], forced: bool = False) -> None:
    """Judge the stock anew in these nights, if the room is made of others or a part of one. Raises `NotAvailable`."""
    if room.parts or room.part_of_id is not None:
        days = {day for span in nights for day in days_of(span) if day >= hotel.business_date}
        inventory_rebind(hotel=hotel, nights=days, forced=forced)


def days_of(span: DateRange) -> list[dt.date]:
    """Return the nights of a range."""
    return [span.lower + ONE_DAY * at for at in range((span.upper - span.lower).days)]


def _parts_written(planned: RoomAssignment) -> None:
    held = {row.room_id: row for row in RoomAssignment.everywhere.filter(part_of=planned)}
    wanted = {uuid.UUID(part) for part in planned.room.parts} if planned.active else set()
    for room_id in sorted(held.keys() | wanted):
        row = held.get(room_id) or RoomAssignment(
            property_id=planned.property_id, reservation_id=planned.reservation_id, room_id=room_id, part_of=planned
        )
        row.nights, row.active = planned.nights, room_id in wanted
        if row._state.adding or row.changed_fields():
            row.save()
