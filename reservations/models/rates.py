"""`RatePlan` (conditions sold), its package parts, and `DailyRate` (the price of one night)."""

from __future__ import annotations

import builtins
import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.money import MoneyField
from properties.models import Property, RoomType


class RatePlan(VersionedRow):
    """A price with its conditions. A derived plan takes its parent's room price and adds its own package parts."""

    class MealPlan(models.TextChoices):
        ROOM_ONLY = "room_only", _("room only")
        BREAKFAST = "breakfast", _("breakfast")
        HALF_BOARD = "half_board", _("half board")
        FULL_BOARD = "full_board", _("full board")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=100)
    meal_plan = models.CharField(_("meals"), max_length=12, choices=MealPlan.choices, default=MealPlan.ROOM_ONLY)
    derived_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="derived")
    tax_code = models.CharField(_("tax code of the room"), max_length=20)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("rate plan")
        verbose_name_plural = _("rate plans")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["property", "code"], name="rate_plan_code_once_per_hotel"),
        ]

    def __str__(self) -> str:
        return self.name

    @builtins.property  # the field `property` hides the builtin in this class
    def price_source_id(self) -> uuid.UUID:
        """Return the plan whose daily rates give the room price."""
        source: uuid.UUID = self.derived_from_id or self.pk
        return source


class PackagePart(VersionedRow):
    """A part of what a plan includes, priced per adult and night with its own tax code (breakfast: food, drinks)."""

    rate_plan = models.ForeignKey(RatePlan, on_delete=models.PROTECT, related_name="parts")
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=60)
    amount = MoneyField(_("gross amount per adult and night"))
    tax_code = models.CharField(_("tax code"), max_length=20)

    tenant_path: ClassVar[str] = "rate_plan__property_id"

    class Meta:
        verbose_name = _("package part")
        verbose_name_plural = _("package parts")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["rate_plan", "code"], name="package_part_once_per_plan")]

    def __str__(self) -> str:
        return self.name


class DailyRate(models.Model):
    """The gross room price of one night, for a room type on a plan. Unwatched: `rates_set` writes the news.

    The night stands first in the unique key: a search reads all types and plans of a few nights (performance.md C).
    """

    id = models.BigAutoField(primary_key=True)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+")
    rate_plan = models.ForeignKey(RatePlan, on_delete=models.PROTECT, related_name="+")
    night = models.DateField()
    price = MoneyField()
    single_price = MoneyField(null=True)
    extra_adult = MoneyField(default=0)
    child_price = MoneyField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["property", "night", "room_type", "rate_plan"], name="daily_rate_once_per_night"
            ),
            models.CheckConstraint(
                condition=models.Q(price__gte=0, extra_adult__gte=0, child_price__gte=0)
                & (models.Q(single_price__isnull=True) | models.Q(single_price__gte=0)),
                name="daily_rate_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.night} {self.price}"
