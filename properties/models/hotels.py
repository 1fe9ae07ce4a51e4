"""`Organization` (a chain) and `Property` (one hotel: the tenant)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow


def validate_time_zone(value: str) -> None:
    """Refuse a zone that the IANA database does not know."""
    if value not in available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Choose one such as Europe/Berlin."), params={"zone": value}
        )


class Organization(VersionedRow):
    """A chain or a single owner; its hotels share guests and companies."""

    name = models.CharField(_("name"), max_length=150)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return all hotels of the organization."""
        return tuple(Property.objects.filter(organization_id=self.pk).order_by("pk").values_list("pk", flat=True))


class Property(VersionedRow):
    """One hotel. `business_date` is its accounting day and moves only by the audit (domain.md 1)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="hotels")
    code = models.CharField(
        _("short code"),
        max_length=12,
        validators=[RegexValidator(r"^[A-Z0-9]{2,12}$", _("Use 2 to 12 capital letters and digits, such as SEA."))],
    )
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    currency = models.CharField(
        _("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$", _("Use the three letters of ISO 4217."))]
    )
    # Both stand on every invoice: without them it is none for a guest who has to account for it.
    address = models.TextField(_("address"), max_length=500, blank=True, db_default="", default="")
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True, db_default="", default="")
    # What `address` is written from, for letters, channels and maps (properties/addresses.py).
    street = models.CharField(_("street and number"), max_length=200, blank=True, db_default="", default="")
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True, db_default="", default="")
    city = models.CharField(_("city"), max_length=100, blank=True, db_default="", default="")
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        db_default="",
        default="",
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Use the two letters of ISO 3166, such as DE."))],
    )
    phone = models.CharField(_("telephone"), max_length=40, blank=True, db_default="", default="")
    email = models.EmailField(_("e-mail"), blank=True, db_default="", default="")
    website = models.URLField(_("website"), blank=True, db_default="", default="")
    # Age groups under the adults, youngest first: {"name", "from", "to", "cot"}, both ages included; [] : who is
    # declared as a child is one (properties/capacity.py).
    age_bands = models.JSONField(_("age groups"), default=list, db_default=[], blank=True)
    locale = models.CharField(_("language"), max_length=10, default="en")
    business_date = models.DateField(_("business date"))
    check_in_time = models.TimeField(_("check-in from"), default=dt.time(15))
    check_out_time = models.TimeField(_("check-out until"), default=dt.time(11))
    audit_time = models.TimeField(_("night audit at"), default=dt.time(3))
    accent_hue = models.PositiveSmallIntegerField(
        _("accent colour"), default=210, validators=[MinValueValidator(0), MaxValueValidator(359)]
    )
    # The digest of its picture (properties/services/logo.py); empty: none.
    logo = models.CharField(_("logo"), max_length=64, blank=True, db_default="", default="", editable=False)

    tenant_path: ClassVar[str] = "id"

    class Meta:
        verbose_name = _("hotel")
        verbose_name_plural = _("hotels")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Upper("code"), name="property_code_once"),
            models.CheckConstraint(condition=models.Q(accent_hue__lt=360), name="property_accent_is_a_hue"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Return the hotel's time zone."""
        return ZoneInfo(self.time_zone)

    def local_now(self) -> dt.datetime:
        """Return the present moment on the hotel's wall clock."""
        return timezone.localtime(timezone=self.zone)
