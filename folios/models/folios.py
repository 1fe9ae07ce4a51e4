"""`Folio` (a guest's account) and `FolioWindow` (who pays which part of it)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.money import MoneyField
from pms.core.remarks import RemarkField
from properties.models import Property
from reservations.models import Guest, Reservation


class Folio(VersionedRow):
    """The account of a stay. `balance` is kept in step by the posting service: charges minus payments."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    number = models.CharField(_("number"), max_length=20, editable=False)
    status = models.CharField(_("status"), max_length=6, choices=Status.choices, default=Status.OPEN)
    currency = models.CharField(max_length=3, editable=False)
    balance = MoneyField(_("balance"), default=0, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("folio")
        verbose_name_plural = _("folios")
        constraints = [
            models.UniqueConstraint(fields=["property", "number"], name="folio_number_once_per_hotel"),
            models.UniqueConstraint(
                fields=["reservation"], condition=models.Q(status="open"), name="folio_one_open_per_stay"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class FolioWindow(VersionedRow):
    """A part of a folio that one payer settles."""

    folio = models.ForeignKey(Folio, on_delete=models.PROTECT, related_name="windows")
    no = models.PositiveSmallIntegerField(default=1)
    # Who pays, if it is no guest of the house: a company, an agent.
    name = RemarkField(_("name"), max_length=120, blank=True)
    payer = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    tenant_path: ClassVar[str] = "folio__property_id"

    class Meta:
        verbose_name = _("folio window")
        verbose_name_plural = _("folio windows")
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["folio", "no"], name="folio_window_number_once")]

    def __str__(self) -> str:
        return f"{self.folio}/{self.no}"

    @property
    def payer_name(self) -> str:
        """Return who pays this window."""
        return self.name or (self.payer.full_name if self.payer else "")
