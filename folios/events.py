"""What can happen to folios, postings, invoices and the day's closing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pms.events.base import Event


@dataclass(frozen=True, kw_only=True)
class FolioOpened(Event, code="folio.opened"):
    """A stay got its account."""

    folio_id: uuid.UUID
    reservation_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ChargePosted(Event, code="charge.posted", object_type="folio"):
    """Something was charged to a folio."""

    folio_id: uuid.UUID
    window_id: uuid.UUID
    posting: int
    transaction_code: str


@dataclass(frozen=True, kw_only=True)
class PaymentTaken(Event, code="payment.taken", object_type="folio"):
    """Money was received for a folio."""

    folio_id: uuid.UUID
    window_id: uuid.UUID
    posting: int
    transaction_code: str


@dataclass(frozen=True, kw_only=True)
class PostingReversed(Event, code="posting.reversed", object_type="folio"):
    """A posting was taken back by its opposite."""

    folio_id: uuid.UUID
    window_id: uuid.UUID
    posting: int


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(Event, code="invoice.issued"):
    """An invoice got its number."""

    invoice_id: uuid.UUID
    folio_id: uuid.UUID
    window_id: uuid.UUID
    number: str


@dataclass(frozen=True, kw_only=True)
class NightAuditStarted(Event, code="night_audit.started"):
    """The closing of the business date began; a worker does it."""

    night_audit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class NightAuditResumed(Event, code="night_audit.resumed"):
    """Somebody let a closing that had stopped go on."""

    night_audit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class NightAuditSucceeded(Event, code="night_audit.succeeded"):
    """The business date was closed; `business_date` is the new one."""

    night_audit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class NightAuditFailed(Event, code="night_audit.failed"):
    """A step of the closing failed; it can be resumed."""

    night_audit_id: uuid.UUID
    step: str
