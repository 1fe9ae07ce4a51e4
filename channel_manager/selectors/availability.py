"""Reads of what a channel should be told: present values, what it was told last, and the fewest runs between."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from channel_manager.drafts import AvailabilityRun
from channel_manager.models import ChannelConnection, DirtyRange, RoomMapping, SentValue
from reservations.models import RoomTypeNight

ONE_DAY = dt.timedelta(days=1)
Cell = tuple[str, dt.date]
Values = dict[Cell, int]


def dirty_ranges(connection_id: uuid.UUID) -> list[DirtyRange]:
    """Return what is dirty now."""
    return list(DirtyRange.objects.filter(connection_id=connection_id).order_by("id"))


def sellable_now(connection: ChannelConnection, ranges: Iterable[DirtyRange], *, most: int) -> Values:
    """Return rooms to sell per mapped room and dirty night: never below zero, never more than the house has left.

    Nights before the business date and nights that are not opened are left out: nobody can book them.
    """
    rows = list(ranges)
    if not rows:
        return {}
    first = max(min(row.first for row in rows), connection.property.business_date)
    last = max(row.last for row in rows)
    left: dict[tuple[uuid.UUID | None, dt.date], int] = {}
    counters = RoomTypeNight.objects.filter(property_id=connection.property_id, night__gte=first, night__lte=last)
    for counter in counters:
        left[counter.room_type_id, counter.night] = counter.available
    values: Values = {}
    mapped = RoomMapping.objects.filter(connection=connection, room_type__isnull=False)
    for external, kind in mapped.values_list("external_id", "room_type_id"):
        for row in rows:
            if row.room_type_id in (None, kind):
                values.update(_cells(external, kind, row, first, left, most))
    return values


def _cells(
    external: str,
    kind: uuid.UUID,
    row: DirtyRange,
    first: dt.date,
    left: Mapping[tuple[uuid.UUID | None, dt.date], int],
    most: int,
) -> Values:
    begin = max(first, row.first)
    days = (begin + ONE_DAY * place for place in range((row.last - begin).days + 1))
    return {
        (external, day): min(most, max(0, min(left[kind, day], left[None, day])))
        for day in days
        if (kind, day) in left and (None, day) in left
    }


def unsent(connection_id: uuid.UUID, values: Values) -> Values:
    """Return the values that differ from what the channel acknowledged last, or that it was never told."""
    if not values:
        return {}
    days = [day for _, day in values]
    rows = SentValue.objects.filter(connection_id=connection_id, night__gte=min(days), night__lte=max(days))
    known = {(room, night): value for room, night, value in rows.values_list("external_room", "night", "value")}
    return {cell: value for cell, value in values.items() if known.get(cell) != value}


def fewest_runs(changed: Values, present: Values) -> list[AvailabilityRun]:
    """Return the fewest ranges of equal value that tell all `changed` cells and nothing that is not true.

    A night that did not change may be told again where that joins two ranges: its present value is known. Each room
    by itself; greedy from the left is minimal, since a range can only end where another value begins.
    """
    runs: list[AvailabilityRun] = []
    for room in sorted({room for room, _ in changed}):
        open_run: AvailabilityRun | None = None
        for day in sorted(day for cell_room, day in changed if cell_room == room):
            value = changed[room, day]
            if open_run and open_run.value == value and _joins(room, open_run.last, day, value, present):
                open_run = AvailabilityRun(room, open_run.first, day, value)
                continue
            if open_run:
                runs.append(open_run)
            open_run = AvailabilityRun(room, day, day, value)
        if open_run:
            runs.append(open_run)
    return runs


def _joins(room: str, last: dt.date, day: dt.date, value: int, present: Values) -> bool:
    between = (last + ONE_DAY * place for place in range(1, (day - last).days))
    return all(present.get((room, night)) == value for night in between)
