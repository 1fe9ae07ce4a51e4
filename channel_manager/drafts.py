"""The canonical form of what channels say and hear: every channel's messages are turned into these, and out of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reservations.drafts import GuestDraft

NEW, MODIFY = "new", "modify"


@dataclass(frozen=True, slots=True)
class LineNight:
    """One night of a room line: the price in `BookingDraft.currency`, and the channel's rate."""

    night: dt.date
    price: Decimal
    rate: str = ""


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One room of a channel's reservation; arrival is its first night, departure the day after its last."""

    line: str
    room: str
    room_name: str
    nights: tuple[LineNight, ...]
    adults: int = 1
    children: tuple[int, ...] = ()
    guest: GuestDraft | None = None
    total: Decimal | None = None
    remarks: str = ""
    commission: Decimal | None = None  # owed to the channel for this room; None: it did not say

    @property
    def arrival(self) -> dt.date:
        """Return the first night."""
        return self.nights[0].night

    @property
    def departure(self) -> dt.date:
        """Return the day after the last night."""
        return self.nights[-1].night + dt.timedelta(days=1)

    @property
    def price(self) -> Decimal:
        """Return what the nights cost together."""
        return sum((night.price for night in self.nights), Decimal(0))


@dataclass(frozen=True, slots=True)
class BookingDraft:
    """A whole version of a channel's reservation. `changed_at` orders the versions where the channel says it."""

    external_id: str
    hotel_id: str
    booker: GuestDraft
    rooms: tuple[RoomLine, ...]
    currency: str = ""
    cancelled: bool = False
    changed_at: str = ""
    total: Decimal | None = None
    remarks: str = ""
    prices_with_tax: bool = True
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """One reservation of an answer: its number, all numbers the channel gave it, and its masked body."""

    message_id: str
    ids: tuple[tuple[str, str], ...]  # (value, type) as they came, to be echoed
    revision: str
    body: str
    hotel_id: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What is told the channel about one reservation: its numbers and ours."""

    message_id: str
    ids: tuple[tuple[str, str], ...]
    our_number: str


@dataclass(frozen=True, slots=True)
class AvailabilityRun:
    """Rooms to sell of one room over nights of equal value, `first` and `last` both included."""

    room: str
    first: dt.date
    last: dt.date
    value: int

    def cells(self) -> list[tuple[str, dt.date]]:
        """Return the single nights."""
        days = (self.last - self.first).days + 1
        return [(self.room, self.first + dt.timedelta(days=place)) for place in range(days)]


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """Which runs the channel took and which it refused, each with its reason."""

    taken: Sequence[AvailabilityRun]
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Product:
    """A room or rate that the channel knows."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Products:
    """What can be mapped."""

    rooms: tuple[Product, ...]
    rates: tuple[Product, ...]
