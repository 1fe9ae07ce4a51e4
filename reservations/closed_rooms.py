"""The page of closed rooms: what it shows of each, kept fresh as a list."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pms.events.watch import touching_all
from pms.live.fragments import Audience, Fragment
from pms.live.places import place
from properties.models import Room
from properties.permissions import Permission as HotelPermission
from properties.selectors import hotel_by_id

from .models import OutOfOrder
from .permissions import Permission
from .selectors.out_of_order import closed_rooms_shown, periods_of_rooms


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """A closed room as the list shows it; `begun` tells whether it is closed on the business date."""

    pk: uuid.UUID
    code: str
    room: str
    kind: str
    kind_words: str
    reason: str
    first: dt.date
    last: dt.date
    begun: bool
    place: str


def closed_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, ClosedRow]:
    """Return those of these periods that are not over, by the day they begin and the room."""
    hotel = hotel_by_id(audience.property_id)
    rows = closed_rooms_shown(hotel).filter(pk__in=pks)
    return {row.pk: _row(hotel.code, hotel.business_date, row) for row in rows}


def closed_ids(property_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the periods of the hotel that the list shows, in its order."""
    rows = closed_rooms_shown(hotel_by_id(property_id)).order_by("nights", "room__sort_key", "pk")
    return list(rows.values_list("pk", flat=True))


def _row(code: str, today: dt.date, row: OutOfOrder) -> ClosedRow:
    return ClosedRow(
        row.pk,
        code,
        row.room.number,
        row.kind,
        row.get_kind_display(),
        row.reason,
        row.first,
        row.last,
        row.first <= today,
        f"{row.first.isoformat()} {row.room.sort_key} {row.pk}",
    )


def _of_numbers(rooms: Sequence[Room]) -> dict[uuid.UUID, list[str]]:
    """A room's number stands in the list, and says where in it."""
    renamed = [room.pk for room in rooms if "number" in room.changed_fields()]
    pieces: dict[uuid.UUID, list[str]] = {room_id: [] for room_id in renamed}
    for pk, room_id in periods_of_rooms(renamed) if renamed else ():
        pieces[room_id].append(CLOSED_ROOM.topic(pk))
    return pieces


CLOSED_ROOM = Fragment(
    "closed_room", "reservations/closed_rooms.html#closed-room", HotelPermission.ROOM_VIEW, closed_rows
)


def declare() -> None:
    """Say which rows the piece shows; called once when the app is ready."""
    CLOSED_ROOM.shows(OutOfOrder)
    touching_all(Room, _of_numbers)
    place("closed_room", Permission.ROOM_CLOSE, OutOfOrder)
