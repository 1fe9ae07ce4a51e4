"""What a message says, in the words of the house: for people who decide what becomes of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from channel_manager.channels.registry import profile_of
from channel_manager.drafts import BookingDraft, RoomLine
from channel_manager.errors import ChannelAnswerUnreadable
from channel_manager.models import InboxMessage, RateMapping, RoomMapping, StayLink


@dataclass(frozen=True, slots=True)
class SummaryRoom:
    """One room: `there` is the channel's name of it, `here` our room type, empty while it is not mapped."""

    there: str
    here: str
    rates: Sequence[tuple[str, str]]
    arrival: dt.date
    departure: dt.date
    nights: int
    adults: int
    children: Sequence[int]
    price: Decimal
    commission: Decimal | None
    remarks: str
    reservation_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A version of a channel's reservation; sums in `currency`, None where the channel did not say."""

    booker: str
    cancelled: bool
    rooms: Sequence[SummaryRoom]
    total: Decimal | None
    currency: str
    remarks: str

    @property
    def difference(self) -> Decimal:
        """Return how much the stated total is above the sum of the nights."""
        return (self.total or Decimal(0)) - sum((room.price for room in self.rooms), Decimal(0))


def summary_of(message: InboxMessage, *, named: bool) -> Summary | None:
    """Return what the message says, or None if it cannot be read; the booker only if guests may be `named`.

    Three queries, whatever the number of rooms.
    """
    try:
        draft: BookingDraft = profile_of(message.connection.kind).read(message.body)
    except ChannelAnswerUnreadable:
        return None
    types = RoomMapping.objects.filter(connection_id=message.connection_id).select_related("room_type")
    plans = RateMapping.objects.filter(connection_id=message.connection_id).select_related("rate_plan")
    names = _Names({one.external_id: one for one in types}, {one.external_id: one for one in plans})
    links = StayLink.objects.filter(
        channel_booking__connection_id=message.connection_id, channel_booking__external_id=message.message_id
    )
    stays = dict(links.values_list("line", "reservation_id"))
    return Summary(
        booker=f"{draft.booker.first_name} {draft.booker.last_name}".strip() if named else "",
        cancelled=draft.cancelled,
        rooms=[names.room(line, stays.get(line.line)) for line in draft.rooms],
        total=draft.total,
        currency=draft.currency,
        remarks=draft.remarks,
    )


@dataclass(frozen=True, slots=True)
class _Names:
    rooms: dict[str, RoomMapping]
    rates: dict[str, RateMapping]

    def room(self, line: RoomLine, reservation_id: uuid.UUID | None) -> SummaryRoom:
        mapped = self.rooms.get(line.room)
        rates = dict.fromkeys(night.rate for night in line.nights)
        return SummaryRoom(
            there=line.room_name or (str(mapped) if mapped else line.room),
            here=mapped.room_type.name if mapped and mapped.room_type else "",
            rates=[self._rate(code) for code in rates],
            arrival=line.arrival,
            departure=line.departure,
            nights=len(line.nights),
            adults=line.adults,
            children=line.children,
            price=line.price,
            commission=line.commission,
            remarks=line.remarks,
            reservation_id=reservation_id,
        )

    def _rate(self, code: str) -> tuple[str, str]:
        mapped = self.rates.get(code)
        return (str(mapped) if mapped else code or "–", mapped.rate_plan.name if mapped and mapped.rate_plan else "")
