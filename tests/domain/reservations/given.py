"""What tests of selling ask again and again: counters of a night, what the stream says, and that nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pms.core.models import AuditEntry
from pms.events.models import Delivery, StreamEvent
from properties.models import Property, Room, RoomType
from reservations.models import (
    Booking,
    DailyRate,
    Guest,
    Reservation,
    ReservationNight,
    RoomAssignment,
    RoomTypeNight,
)
from reservations.selectors.recount import recount

TABLES = (
    Booking,
    Reservation,
    ReservationNight,
    RoomAssignment,
    RoomTypeNight,
    DailyRate,
    Guest,
    Room,
    RoomType,
    Property,
    StreamEvent,
    Delivery,
    AuditEntry,
)


def after(hotel: Property, days: int) -> dt.date:
    """Return the date so many days after the business date."""
    return hotel.business_date + dt.timedelta(days=days)


def counter(hotel: Property, code: str | None, night: dt.date | None = None) -> RoomTypeNight:
    """Return the counter of a type (None: the house) in a night (default: the business date)."""
    rows = RoomTypeNight.objects.filter(property=hotel, night=night or hotel.business_date)
    return rows.get(room_type=None) if code is None else rows.get(room_type__code=code)


def left(hotel: Property, code: str | None, night: dt.date | None = None) -> int:
    """Return what is available of a type (None: the house); negative shows an oversell."""
    return counter(hotel, code, night).available


def lefts(hotel: Property, *codes: str | None, night: dt.date | None = None) -> list[int]:
    """Return what is available of several types."""
    return [left(hotel, code, night) for code in codes]


def kind(hotel: Property, code: str) -> RoomType:
    """Return a room type by its code."""
    return RoomType.objects.get(property=hotel, code=code)


def room(hotel: Property, number: str) -> Room:
    """Return a room by its number."""
    return Room.objects.get(property=hotel, number=number)


def happened(code: str) -> list[StreamEvent]:
    """Return the events of this code, oldest first."""
    return list(StreamEvent.objects.filter(code=code).order_by("id"))


@contextmanager
def nothing_changed() -> Iterator[None]:
    """Prove that the block leaves every row, counter, event and audit entry as it was."""
    before = everything()
    yield
    now = everything()
    for table, rows in before.items():
        assert now[table] == rows, f"{table} changed"


def everything() -> dict[str, Any]:
    """Return all rows of all tables that selling may touch."""
    return {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in TABLES}


def assert_counts_are_right(hotel: Property) -> None:
    """Prove that counters say what stays and rooms do, and that what is `forced` is explained by flagged stays."""
    hotel.refresh_from_db()
    assert recount(hotel) == []
    for row in RoomTypeNight.objects.filter(property=hotel).exclude(forced=0):
        stays = Reservation.objects.filter(
            nights__night=row.night, nights__counted=True, flags__contains=["overbooked"], property=hotel
        )
        if row.room_type_id:
            stays = stays.filter(nights__night=row.night, nights__room_type=row.room_type_id)
        assert stays.distinct().count() >= row.forced, f"{row.forced} forced on {row} is explained by {list(stays)}"
