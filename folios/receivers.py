"""Reactions to stays: a folio at check-in, a veto at check-out; and the worker's part of the night audit."""

from __future__ import annotations

import uuid

from folios.events import NightAuditResumed, NightAuditStarted
from pms.events.models import StreamEvent
from pms.events.receivers import after, within
from properties.events import HotelOpened
from properties.selectors import hotel_by_id
from reservations.events import (
    ReservationCheckedIn,
    ReservationCheckingOut,
    ReservationUndoingCheckIn,
    ReservationUndoingCheckOut,
)

from .services.books import books_open
from .services.folios import folio_require_empty, folio_require_settled, folio_require_uninvoiced
from .services.night_audit import night_audit_run
from .services.nights import nights_require_unposted, stay_account_open


@after(HotelOpened)
def open_books(event: StreamEvent) -> None:
    """A new hotel can post nights and issue invoices from its first day."""
    books_open(hotel=hotel_by_id(event.property_id))


@within(ReservationCheckedIn)
def open_folio(event: ReservationCheckedIn) -> None:
    """A guest in house has an account; who comes after the roll owes the nights before it."""
    stay_account_open(reservation_id=event.reservation_id)


@within(ReservationCheckingOut)
def refuse_open_balance(event: ReservationCheckingOut) -> None:
    """Nobody leaves with an open balance."""
    folio_require_settled(reservation_id=event.reservation_id)


@within(ReservationCheckingOut)
def refuse_posted_nights(event: ReservationCheckingOut) -> None:
    """What the audit has posted is not given back behind its back."""
    nights_require_unposted(reservation_id=event.reservation_id, nights=event.given_back)


@within(ReservationUndoingCheckIn)
def refuse_posted_stay(event: ReservationUndoingCheckIn) -> None:
    """A stay that was charged did happen."""
    folio_require_empty(reservation_id=event.reservation_id)


@within(ReservationUndoingCheckOut)
def refuse_invoiced_stay(event: ReservationUndoingCheckOut) -> None:
    """A guest who holds an invoice has left."""
    folio_require_uninvoiced(reservation_id=event.reservation_id)


@after(NightAuditStarted, NightAuditResumed)
def run_night_audit(event: StreamEvent) -> None:
    """Do the audit; while another worker is at it this raises, so the delivery is tried again until it is finished."""
    night_audit_run(audit_id=uuid.UUID(event.payload["night_audit_id"]))
