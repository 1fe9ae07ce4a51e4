"""`Booking` (what was booked at once), `Reservation` (one room for a date range) and its nights."""

from __future__ import annotations

import builtins
import datetime as dt
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.money import MoneyField
from pms.core.remarks import RemarkField, RemarkTextField
from properties.models import Property, RoomType

from .guests import Guest
from .rates import RatePlan


class Booking(VersionedRow):
    """What somebody booked at once: who, through which source, under which number."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=8, unique=True, editable=False)
    booker = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=40, default="direct")
    # The number the booking has in somebody else's system (an OTA), and whose system that is.
    external_system = models.CharField(max_length=40, blank=True, editable=False)
    external_id = models.CharField(max_length=100, blank=True, editable=False)
    currency = models.CharField(max_length=3)
    notes = RemarkTextField(_("notes"), blank=True)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.UniqueConstraint(
                fields=["property", "external_system", "external_id"],
                condition=~Q(external_id=""),
                name="booking_once_per_external_ref",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Reservation(VersionedRow):
    """One room for the nights `[arrival, departure)`; carries the state machine (domain.md 2)."""

    class Status(models.TextChoices):
        WAITLIST = "waitlist", _("waitlist")
        TENTATIVE = "tentative", _("tentative")
        CONFIRMED = "confirmed", _("confirmed")
        IN_HOUSE = "in_house", _("in house")
        CHECKED_OUT = "checked_out", _("checked out")
        CANCELLED = "cancelled", _("cancelled")
        NO_SHOW = "no_show", _("no-show")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="reservations")
    number = models.CharField(_("number"), max_length=12, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.CONFIRMED)
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="+")
    arrival = models.DateField(_("arrival"))
    departure = models.DateField(_("departure"))
    adults = models.PositiveSmallIntegerField(_("adults"), default=1)
    children = ArrayField(
        models.PositiveSmallIntegerField(), default=list, blank=True, verbose_name=_("ages of children")
    )
    # NULL for a channel's booking of a room or rate that is not mapped yet: it counts on the house row.
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    rate_plan = models.ForeignKey(RatePlan, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    total = MoneyField(_("price of the stay"), default=0)
    # What is owed to whoever sold the stay, in the booking's currency, as the channel said it; NULL: nothing was said.
    commission = MoneyField(_("commission"), null=True, blank=True, editable=False)
    # A fact of an upper app, needed in lists: written by folios through `reservation_balance_set`.
    balance = MoneyField(_("balance"), default=0, editable=False)
    flags = ArrayField(models.CharField(max_length=30), default=list, blank=True, editable=False)
    walk_in = models.BooleanField(default=False, editable=False)
    notes = RemarkTextField(_("notes"), blank=True)
    checked_in_at = models.DateTimeField(null=True, editable=False)
    checked_out_at = models.DateTimeField(null=True, editable=False)
    # The business dates of these acts: only on the same one can they be undone.
    checked_in_date = models.DateField(null=True, editable=False)
    checked_out_date = models.DateField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancel_reason = RemarkField(_("reason"), max_length=200, blank=True, editable=False)

    # States in which the stay holds stock.
    HOLDING: ClassVar[frozenset[str]] = frozenset({"confirmed", "in_house", "tentative"})
    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = [
            models.CheckConstraint(condition=Q(departure__gt=F("arrival")), name="reservation_has_a_night"),
            models.CheckConstraint(condition=Q(adults__gte=1), name="reservation_has_an_adult"),
        ]
        indexes = [
            models.Index(fields=["property", "arrival", "status"], name="reservations_arriving"),
            models.Index(fields=["property", "departure", "status"], name="reservations_departing"),
        ]

    def __str__(self) -> str:
        return self.number

    @builtins.property  # the field `property` hides the builtin in this class
    def night_count(self) -> int:
        """Return the number of nights, counted in dates."""
        return (self.departure - self.arrival).days

    def nights_range(self) -> list[dt.date]:
        """Return the dates of all nights."""
        return [self.arrival + dt.timedelta(days=place) for place in range(self.night_count)]


class ReservationNight(models.Model):
    """One night of a stay with its own type, plan and price. Unwatched: the service's event and audit tell of it.

    `parts` is the snapshot of what the price consists of, each with amount and tax code, as it was sold; `counted`
    says whether the night stands in the inventory (nights before the business date are stored, never counted);
    `posted` says whether it stands on the stay's folio: the audit posts it before the day rolls, and from then on it
    stays as it was posted.
    """

    id = models.BigAutoField(primary_key=True)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="nights")
    night = models.DateField()
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True)
    booked_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True)
    rate_plan = models.ForeignKey(RatePlan, on_delete=models.PROTECT, related_name="+", null=True)
    price = MoneyField()
    parts = models.JSONField(default=list)
    counted = models.BooleanField(default=True)
    # A fact of an upper app: written by folios through `reservation_night_posted_set`.
    # The database knows the default too: while a release goes out, processes of the one before still sell.
    posted = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        ordering = ["night"]
        constraints = [
            models.UniqueConstraint(fields=["reservation", "night"], name="reservation_night_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="reservation_night_price_not_negative"),
        ]
        indexes = [models.Index(fields=["property", "night"], name="nights_of_hotel")]

    def __str__(self) -> str:
        return f"{self.night} {self.price}"
