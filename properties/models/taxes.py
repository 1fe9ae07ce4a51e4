"""Tax configuration of a hotel: rates by date, and the city tax (domain.md 8)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.money import MoneyField

from .hotels import Property


class TaxRate(VersionedRow):
    """A rate of value added tax, contained in gross prices; each night takes the rate valid on its service date."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="tax_rates")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)
    valid_from = models.DateField(_("valid from"))

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["property", "code", "valid_from"], name="tax_rate_once_per_date"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lt=100), name="tax_percent_between_0_and_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.percent.normalize():f} %"


class CityTax(VersionedRow):
    """A tax per liable person and night, outside the price and itself without value added tax.

    Liable is who is at least `min_age` on the arrival date; at most `max_nights` of a stay count (None: all).
    """

    class Base(models.TextChoices):
        FLAT = "flat", _("amount per person and night")
        NET = "net", _("percent of the net price")
        GROSS = "gross", _("percent of the gross price")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="city_taxes")
    name = models.CharField(_("name"), max_length=60)
    base = models.CharField(_("basis"), max_length=5, choices=Base.choices, default=Base.FLAT)
    amount = MoneyField(_("amount"), default=0)
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3, default=0)
    min_age = models.PositiveSmallIntegerField(_("from age"), default=18)
    max_nights = models.PositiveSmallIntegerField(_("nights at most"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("city tax")
        verbose_name_plural = _("city taxes")
        ordering = ["valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["property", "valid_from"], name="city_tax_once_per_date"),
        ]

    def __str__(self) -> str:
        return self.name
