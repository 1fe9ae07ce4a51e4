"""What can happen to bookings, stays, prices and stock."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from pms.events.base import Event, Veto


@dataclass(frozen=True, kw_only=True)
class BookingCreated(Event, code="booking.created"):
    """Somebody booked; one `ReservationCreated` per room follows."""

    booking_id: uuid.UUID
    source: str


@dataclass(frozen=True, kw_only=True)
class BookingChanged(Event, code="booking.changed"):
    """What stands on the booking itself changed: its source, or what colleagues write about it (never told)."""

    booking_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(Event, code="reservation.created"):
    """A stay was booked."""

    reservation_id: uuid.UUID
    booking_id: uuid.UUID
    arrival: dt.date
    departure: dt.date


@dataclass(frozen=True, kw_only=True)
class ReservationAmended(Event, code="reservation.amended"):
    """Dates, type, people or price of a stay changed."""

    reservation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCancelled(Event, code="reservation.cancelled"):
    """A stay was given up before the arrival."""

    reservation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationAssigned(Event, code="reservation.assigned"):
    """A stay got a room, or another one."""

    reservation_id: uuid.UUID
    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationUnassigned(Event, code="reservation.unassigned"):
    """A stay lost its room."""

    reservation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCheckedIn(Event, code="reservation.checked_in"):
    """The guest has the key."""

    reservation_id: uuid.UUID
    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCheckingOut(Veto):
    """The guest is about to leave, giving back these nights; folios may refuse."""

    reservation_id: uuid.UUID
    given_back: tuple[dt.date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReservationCheckedOut(Event, code="reservation.checked_out"):
    """The guest left."""

    reservation_id: uuid.UUID
    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationUndoingCheckIn(Veto):
    """A check-in is about to be undone; folios may refuse."""

    reservation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCheckInUndone(Event, code="reservation.check_in_undone"):
    """The check-in was a mistake: the guest is expected again."""

    reservation_id: uuid.UUID
    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationUndoingCheckOut(Veto):
    """A check-out is about to be undone; folios may refuse."""

    reservation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ReservationCheckOutUndone(Event, code="reservation.check_out_undone"):
    """The check-out was a mistake: the guest is still here."""

    reservation_id: uuid.UUID
    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RatePlanChanged(Event, code="rate_plan.changed"):
    """Facts of a rate plan changed."""

    rate_plan_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RatesSet(Event, code="rates.set", object_type="rates"):
    """Prices of some nights were set."""

    room_type_ids: tuple[uuid.UUID, ...]
    rate_plan_ids: tuple[uuid.UUID, ...]
    first: dt.date
    last: dt.date


@dataclass(frozen=True, kw_only=True)
class AvailabilityMoved(Event, code="availability.moved", object_type="availability"):
    """Counters of these types moved in the nights `first` to `last`, both included; no types means the house."""

    room_type_ids: tuple[uuid.UUID, ...]
    first: dt.date
    last: dt.date


@dataclass(frozen=True, kw_only=True)
class OutOfOrderSet(Event, code="out_of_order.set"):
    """A room was closed for the nights `first` to `last`, both included."""

    out_of_order_id: uuid.UUID
    room_id: uuid.UUID
    first: dt.date
    last: dt.date


@dataclass(frozen=True, kw_only=True)
class OutOfOrderChanged(Event, code="out_of_order.changed"):
    """A closed room stays so for longer or shorter, for another reason, or is in another condition afterwards."""

    out_of_order_id: uuid.UUID
    room_id: uuid.UUID
    first: dt.date
    last: dt.date


@dataclass(frozen=True, kw_only=True)
class OutOfOrderEnded(Event, code="out_of_order.ended"):
    """A closed room is open again, on time or early."""

    out_of_order_id: uuid.UUID
    room_id: uuid.UUID
