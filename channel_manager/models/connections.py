"""`ChannelConnection`: one hotel on one booking site, how it is mapped, and how it fares."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pms.core.crypto import EncryptedJSONField
from pms.core.models import VersionedRow
from properties.models import Property, RoomType
from reservations.models import RatePlan


class ChannelConnection(VersionedRow):
    """A hotel's account at a booking site. What changes with every call lies apart, in `ConnectionPulse`."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        LIVE = "live", _("live")
        SUSPENDED = "suspended", _("suspended")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("channel"), max_length=30)
    # The number of the hotel at the channel: theirs, never ours.
    hotel_id = models.CharField(_("hotel number there"), max_length=40)
    # Empty: the channel's own addresses.
    base_url = models.URLField(_("address"), max_length=200, blank=True)
    credentials = EncryptedJSONField(_("credentials"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    poll_seconds = models.DecimalField(_("seconds between polls"), max_digits=6, decimal_places=1, default=20)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("channel connection")
        verbose_name_plural = _("channel connections")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "hotel_id"], condition=Q(status="live"), name="channel_hotel_live_once"
            ),
            models.UniqueConstraint(fields=["property", "kind", "hotel_id"], name="channel_hotel_once_per_hotel"),
            models.CheckConstraint(condition=Q(poll_seconds__gt=0), name="channel_polls_take_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hotel_id}"


class ConnectionPulse(models.Model):
    """How a connection fares: leases, due times, health. Written with every call, so unwatched and unaudited.

    A lease is a moment until which one worker alone may pull (or push); a worker that dies leaves one that runs out
    (reliability.md B2).
    """

    connection = models.OneToOneField(
        ChannelConnection, on_delete=models.PROTECT, primary_key=True, related_name="pulse"
    )
    pull_lease_until = models.DateTimeField(null=True)
    push_lease_until = models.DateTimeField(null=True)
    # Which queue is asked next: the channel forbids asking both at once.
    next_queue = models.CharField(max_length=10, default="new")
    pull_due_at = models.DateTimeField(null=True)
    push_due_at = models.DateTimeField(null=True)
    pull_failures = models.PositiveIntegerField(default=0)
    push_failures = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    # The bearer token of the channel, shared by all workers: they may ask for thirty an hour only.
    token = EncryptedJSONField(null=True)
    token_until = models.DateTimeField(null=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    def __str__(self) -> str:
        return f"{self.connection_id}"


class RoomMapping(VersionedRow):
    """A room of the channel and the room type it is; NULL: still to be mapped."""

    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="rooms")
    external_id = models.CharField(_("number there"), max_length=60)
    name = models.CharField(_("name there"), max_length=200, blank=True)
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        verbose_name = _("mapped room")
        verbose_name_plural = _("mapped rooms")
        ordering = ["external_id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="channel_room_once_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.name or self.external_id}"


class RateMapping(VersionedRow):
    """A rate of the channel and the rate plan it is; NULL: still to be mapped."""

    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="rates")
    external_id = models.CharField(_("number there"), max_length=60)
    name = models.CharField(_("name there"), max_length=200, blank=True)
    rate_plan = models.ForeignKey(RatePlan, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        verbose_name = _("mapped rate")
        verbose_name_plural = _("mapped rates")
        ordering = ["external_id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="channel_rate_once_per_connection")
        ]

    def __str__(self) -> str:
        return f"{self.name or self.external_id}"
