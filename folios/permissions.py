"""Rights around money, and which standard roles hold them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a person may see or do here."""

    FOLIO_VIEW = "folio_view", _("See folios and their postings")
    FOLIO_POST = "folio_post", _("Post charges and payments")
    FOLIO_CORRECT = "folio_correct", _("Take postings back")
    INVOICE_ISSUE = "invoice_issue", _("Issue invoices")
    NIGHT_AUDIT_RUN = "night_audit_run", _("Close the day")
    NIGHT_AUDIT_EARLY = "night_audit_early", _("Close the day before its hour")
    LEDGER_VIEW = "ledger_view", _("See ledgers and revenue")


_DESK = {Permission.FOLIO_VIEW, Permission.FOLIO_POST, Permission.INVOICE_ISSUE, Permission.NIGHT_AUDIT_RUN}

ROLES = {
    "manager": set(Permission),
    "front_desk": _DESK,
    "reservations": {Permission.FOLIO_VIEW},
    "accountant": set(Permission),
    "revenue": {Permission.LEDGER_VIEW},
    "auditor": {Permission.FOLIO_VIEW, Permission.LEDGER_VIEW},
}
