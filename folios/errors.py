"""What can go wrong with money: each error says what was not posted."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from pms.core.db_errors import on_sqlstate
from pms.core.errors import DomainError, Kind


class FolioNotSettled(DomainError, code="folio_not_settled"):
    """A guest was to leave with an open balance."""

    def __init__(self, *, balance: Decimal, currency: str) -> None:
        message = _("%(balance)s %(currency)s are still open. Nobody was checked out; take the payment first.")
        super().__init__(message % {"balance": balance, "currency": currency}, balance=str(balance), currency=currency)


class FolioClosed(DomainError, code="folio_closed", kind=Kind.CLOSED):
    """A closed folio was to be posted to."""


class FolioHasPostings(DomainError, code="folio_has_postings"):
    """A check-in was to be undone although something was posted."""


class NothingToPost(DomainError, code="nothing_to_post", kind=Kind.RULE):
    """An amount of zero, or a negative one."""


class UnknownTransactionCode(DomainError, code="unknown_transaction_code", kind=Kind.RULE):
    """The hotel has no such transaction code, or not for this purpose."""


class AlreadyReversed(DomainError, code="already_reversed"):
    """A posting was to be reversed twice."""


class LedgerIsAppendOnly(DomainError, code="ledger_append_only"):
    """A posting was to be changed or deleted."""


class LedgerUnbalanced(DomainError, code="ledger_unbalanced"):
    """The legs of a posting do not balance: a fault of ours, nothing was written."""


class AuditRunning(DomainError, code="audit_running"):
    """The business date was closed already, or is being closed."""


class AuditBlocked(DomainError, code="audit_blocked"):
    """Something has to be resolved before the day can be closed."""


class NothingToInvoice(DomainError, code="nothing_to_invoice"):
    """A window has no line that is not on an invoice yet."""


on_sqlstate("PM003", lambda _diag: LedgerIsAppendOnly(_("Postings are never changed. Nothing was done; reverse it.")))
on_sqlstate("PM004", lambda _diag: LedgerUnbalanced(_("The posting did not balance. Nothing was posted.")))
