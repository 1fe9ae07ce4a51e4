"""Events and receivers that only the tests know; they leave no trace in the catalogue of the house."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from pms.events.base import Event, Veto
from pms.events.models import StreamEvent
from pms.events.selectors import events_after


@dataclass(frozen=True, kw_only=True)
class RoomSwept(Event, code="test_room.swept", object_type="room"):
    """A room was swept."""

    room_id: uuid.UUID = field(default_factory=uuid.uuid4)
    price: Decimal = Decimal("0.00")
    nights: tuple[dt.date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RoomLocked(Event, code="test_room.locked", object_type="room"):
    """A room was locked."""

    room_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, kw_only=True)
class RoomLocking(Veto, code="test_room.locking"):
    """A room is about to be locked."""


for _event in (RoomSwept, RoomLocked, RoomLocking):
    Event.catalogue.pop(_event.code)


def stream(property_id: uuid.UUID) -> list[StreamEvent]:
    """Return all numbered events of a property."""
    return events_after(property_id, 0, limit=100_000)
