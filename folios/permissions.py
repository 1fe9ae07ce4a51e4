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

# What only shows something; every other right changes something.
READS = {Permission.FOLIO_VIEW, Permission.LEDGER_VIEW}
# Nobody holds these without a second step at sign-in.
GUARDED = {Permission.FOLIO_CORRECT}
# Money moves by one's own hand.
OWN_HAND = {
    Permission.FOLIO_POST,
    Permission.INVOICE_ISSUE,
    Permission.NIGHT_AUDIT_RUN,
    Permission.NIGHT_AUDIT_EARLY,
}
EXPLAINED = {
    Permission.FOLIO_VIEW: _("Charges, payments and the balance of every stay."),
    Permission.FOLIO_POST: _("Minibar, parking, cash and card: whatever goes on a bill."),
    Permission.FOLIO_CORRECT: _("Reverse a charge or payment that was posted wrongly; the original stays readable."),
    Permission.INVOICE_ISSUE: _("Write the invoice with its number. It cannot be changed afterwards."),
    Permission.NIGHT_AUDIT_RUN: _("Post the night and roll the business date."),
    Permission.NIGHT_AUDIT_EARLY: _("Before the hour that the settings name."),
    Permission.LEDGER_VIEW: _("Sums of the house by day, account and tax."),
}
