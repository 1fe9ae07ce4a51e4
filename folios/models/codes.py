"""`TransactionCode`: what can be posted, on which side of the books, under which tax."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.money import MoneyField
from properties.models import Property


class TransactionCode(VersionedRow):
    """A kind of posting: "room", "minibar", "city_tax", "cash"."""

    class Kind(models.TextChoices):
        REVENUE = "revenue", _("revenue")
        # Money that passes through: city tax belongs to the city.
        PASS_THROUGH = "pass_through", _("passed through")
        PAYMENT = "payment", _("payment")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.REVENUE)
    # Empty: without value added tax.
    tax_code = models.CharField(_("tax code"), max_length=20, blank=True)
    price = MoneyField(_("usual price"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("transaction code")
        verbose_name_plural = _("transaction codes")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["property", "code"], name="transaction_code_once_per_hotel"),
        ]

    def __str__(self) -> str:
        return self.name
