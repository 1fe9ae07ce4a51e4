"""What can go wrong with money: each error says what was not posted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from pms.core.db_errors import on_constraint, on_sqlstate
from pms.core.errors import DomainError, Kind


class FolioNotSettled(DomainError, code="folio_not_settled"):
    """A guest was to leave with an open balance."""

    def __init__(self, *, balance: Decimal, currency: str) -> None:
        message = _("%(balance)s %(currency)s are still open. Nobody was checked out; take the payment first.")
        super().__init__(message % {"balance": balance, "currency": currency}, balance=str(balance), currency=currency)


class FolioClosed(DomainError, code="folio_closed", kind=Kind.CLOSED):
    """A closed folio was to be posted to."""

    def __init__(self, *, folio: str) -> None:
        message = _("Folio %(folio)s is closed. Nothing was posted; open a new one.")
        super().__init__(message % {"folio": folio}, folio=folio)


class FolioHasPostings(DomainError, code="folio_has_postings"):
    """A check-in was to be undone, or a night given back, although it was posted."""


class NothingToPost(DomainError, code="nothing_to_post", kind=Kind.RULE):
    """An amount of zero, a negative one, or one that no ledger can hold."""


class UnknownTransactionCode(DomainError, code="unknown_transaction_code", kind=Kind.RULE):
    """The hotel has no such transaction code, or not for this purpose."""

    def __init__(self, *, code: str, field: str = "transaction_code") -> None:
        message = _("The hotel has no transaction code “%(code)s” for this. Nothing was posted; choose another.")
        super().__init__(message % {"code": code}, field=field, transaction_code=code)


class TransactionCodeNeeded(DomainError, code="transaction_code_needed"):
    """A transaction code was to be archived that the night audit or the cash desk posts with."""

    def __init__(self, name: str) -> None:
        message = _("“%(name)s” is posted by the house itself and stays. Nothing was archived.")
        super().__init__(message % {"name": name})


class AlreadyReversed(DomainError, code="already_reversed"):
    """A posting was to be taken back twice."""


class PostingInvoiced(DomainError, code="posting_invoiced"):
    """A charge that stands on an invoice was to be taken back; that needs a credit note."""


class StayInvoiced(DomainError, code="stay_invoiced"):
    """A check-out was to be undone although an invoice of the stay stands (domain.md 2)."""


class LedgerIsAppendOnly(DomainError, code="ledger_append_only"):
    """A posting was to be changed or deleted."""


class LedgerUnbalanced(DomainError, code="ledger_unbalanced"):
    """The legs of a posting do not balance: a fault of ours, nothing was written."""


class AuditRunning(DomainError, code="audit_running"):
    """The business date was closed already, or is being closed."""


class AuditTooEarly(DomainError, code="audit_too_early"):
    """The day was to be closed before its hour, by somebody who may not do that."""

    def __init__(self, *, due_at: dt.datetime) -> None:
        message = _("The day can be closed from %(due)s on. Nothing was started; earlier needs a right of its own.")
        super().__init__(message % {"due": f"{due_at:%Y-%m-%d %H:%M}"}, due_at=due_at.isoformat())


class AuditNotFailed(DomainError, code="audit_not_failed"):
    """A run was to be resumed that has not stopped."""


class NothingToInvoice(DomainError, code="nothing_to_invoice"):
    """A window has no charge that is not on an invoice yet."""


class NumberSeriesMissing(DomainError, code="number_series_missing"):
    """The hotel has no number series for this kind of document."""

    def __init__(self, *, kind: str) -> None:
        message = _("The hotel has no number series for “%(kind)s”. Nothing was issued; add it in the administration.")
        super().__init__(message % {"kind": kind}, series=kind)


class InvoiceDateTooEarly(DomainError, code="invoice_date_too_early", kind=Kind.RULE):
    """An invoice would be dated before the last one of its series."""


def _posted_twice(_diag: object) -> DomainError:
    return AlreadyReversed(_("That posting was taken back already. Nothing was posted."))


on_sqlstate("PM003", lambda _diag: LedgerIsAppendOnly(_("Postings are never changed. Nothing was done; reverse it.")))
on_sqlstate("PM004", lambda _diag: LedgerUnbalanced(_("The posting did not balance. Nothing was posted.")))
on_constraint("folios_posting_reverses_id_key", _posted_twice)
on_constraint(
    "night_audit_once_per_date",
    lambda _diag: AuditRunning(_("The day is being closed already. Nothing was started.")),
)
