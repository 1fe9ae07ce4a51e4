"""`Invoice`: numbered without gaps, frozen at issue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row, VersionedRow
from pms.core.money import MoneyField
from properties.models import Property

from .folios import FolioWindow
from .postings import Posting


class NumberSeries(VersionedRow):
    """The next number of one kind of document; locked by whoever issues one, inside the issuing transaction.

    So there is no gap (a rollback gives the number back) and no reuse (the row is locked until the commit).
    """

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20)
    prefix = models.CharField(_("prefix"), max_length=20, blank=True)
    next_number = models.PositiveIntegerField(_("next number"), default=1)
    last_date = models.DateField(null=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["property", "kind"], name="number_series_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.prefix}{self.next_number}"


class Invoice(Row):
    """A numbered document over the lines of a window. Later edits of profiles never touch it: it holds copies."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    window = models.ForeignKey(FolioWindow, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INVOICE)
    number = models.CharField(_("number"), max_length=40)
    business_date = models.DateField()
    currency = models.CharField(max_length=3)
    gross = MoneyField()
    paid = MoneyField(default=0)
    # Seller, buyer, lines and tax table as they were printed.
    content = models.JSONField()
    pdf = models.BinaryField()
    pdf_sha256 = models.CharField(max_length=64)

    tenant_path: ClassVar[str] = "property_id"
    append_only: ClassVar[bool] = True
    version: ClassVar[int] = 1  # partners read it on every object; what was issued never changes

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["property", "kind", "number"], name="invoice_number_once"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """Which posting stands on which invoice; a posting stands on at most one."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="invoice_line")

    tenant_path: ClassVar[str] = "invoice__property_id"
    append_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.posting_id}"
