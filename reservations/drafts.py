"""What edges hand to the booking services: plain values, checked for form, not yet for rules."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class GuestDraft:
    """A person as somebody typed or sent her; `guest_id` names a known profile instead."""

    last_name: str = ""
    first_name: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    guest_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class NightDraft:
    """One night with the price somebody else already agreed with the guest (a channel's booking)."""

    night: dt.date
    price: Decimal
    rate_plan_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class StayDraft:
    """One room for `[arrival, departure)`. Without `nights` the hotel's own prices apply.

    `room_type_id` or `rate_plan_id` may be None only for a channel's booking that is not mapped yet.
    """

    arrival: dt.date
    departure: dt.date
    room_type_id: uuid.UUID | None
    rate_plan_id: uuid.UUID | None
    adults: int = 1
    children: tuple[int, ...] = ()
    guest: GuestDraft | None = None
    notes: str = ""
    nights: Sequence[NightDraft] = field(default=())
    flags: tuple[str, ...] = ()
    commission: Decimal | None = None  # what whoever sold it gets; None: it was not said


@dataclass(frozen=True, slots=True)
class ExternalRef:
    """The number a booking has in somebody else's system, and whose."""

    system: str
    id: str
