"""`Posting` and its legs: the append-only journal. What is written is never changed; it is reversed.

Every posting is balanced: its legs' debits equal their credits. A deferred constraint trigger checks that at commit
(sql/ledger.sql), so no path, bug or shell can write an unbalanced one; another trigger refuses UPDATE and DELETE.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pms.core.money import MoneyField
from pms.core.remarks import RemarkField
from properties.models import Property

from .codes import TransactionCode
from .folios import Folio, FolioWindow


class Posting(models.Model):
    """One line of a folio window: what, when it was consumed, in which accounting day, and by whom.

    `gross` is positive for what the guest owes and negative for payments and reversals. `natural_key` makes automatic
    postings unique ("stay:<id>:2026-03-14:room"): posting the same night twice is a no-op (domain.md 6.2).
    """

    class Source(models.TextChoices):
        DESK = "desk", _("desk")
        AUDIT = "audit", _("night audit")
        API = "api", _("API")
        CHANNEL = "channel", _("channel")

    id = models.BigAutoField(primary_key=True)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    folio = models.ForeignKey(Folio, on_delete=models.PROTECT, related_name="postings")
    window = models.ForeignKey(FolioWindow, on_delete=models.PROTECT, related_name="postings")
    transaction_code = models.ForeignKey(TransactionCode, on_delete=models.PROTECT, related_name="+")
    description = RemarkField(max_length=200, blank=True)
    service_date = models.DateField()
    business_date = models.DateField()
    quantity = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    unit_price = MoneyField()
    gross = MoneyField()
    net = MoneyField()
    tax = MoneyField()
    tax_code = models.CharField(max_length=20, blank=True)
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.DESK)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, related_name="reversed_by", null=True)
    reason = RemarkField(max_length=200, blank=True)
    reference = RemarkField(max_length=100, blank=True)
    natural_key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULL is "none": the constraint is on the rest
    user_id = models.UUIDField(null=True)
    posted_at = models.DateTimeField(auto_now_add=True)

    append_only: ClassVar[bool] = True

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["property", "natural_key"], name="posting_natural_key_once"),
            models.CheckConstraint(condition=Q(gross=models.F("net") + models.F("tax")), name="posting_net_and_tax"),
        ]
        indexes = [
            models.Index(fields=["folio", "id"], name="postings_of_folio"),
            models.Index(fields=["property", "business_date"], name="postings_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_code} {self.gross}"


class Leg(models.Model):
    """One side of a posting in the books: exactly one of `debit` and `credit` is above zero."""

    class Account(models.TextChoices):
        GUEST_LEDGER = "guest_ledger", _("guest ledger")
        REVENUE = "revenue", _("revenue")
        TAX = "tax", _("tax payable")
        PASS_THROUGH = "pass_through", _("passed through")
        PAYMENT = "payment", _("payments")

    id = models.BigAutoField(primary_key=True)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="legs")
    account = models.CharField(max_length=12, choices=Account.choices)
    # What of the account: the transaction code, the tax code or the means of payment.
    code = models.CharField(max_length=30)
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)

    tenant_path: ClassVar[str] = "posting__property_id"
    append_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0), name="leg_on_one_side"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.debit - self.credit}"
