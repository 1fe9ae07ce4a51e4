"""What a channel told us: each message masked and kept before anything is done with it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row
from reservations.models import Booking, Reservation

from .connections import ChannelConnection

# What stands in place of the reservation's number where a body could not be read.
UNREADABLE = "unreadable"


class ChannelBooking(Row):
    """A reservation of the channel and the booking it became: the lock under which its messages are applied."""

    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="bookings")
    external_id = models.CharField(max_length=60)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", null=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="channel_booking_once"),
        ]

    def __str__(self) -> str:
        return self.external_id


class StayLink(Row):
    """A room line of a channel's reservation and the stay it became: how a later version finds its stays."""

    channel_booking = models.ForeignKey(ChannelBooking, on_delete=models.PROTECT, related_name="stays")
    line = models.CharField(max_length=60)
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="+")

    tenant_path: ClassVar[str] = "channel_booking__connection__property_id"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel_booking", "line"], name="channel_stay_once_per_line"),
        ]

    def __str__(self) -> str:
        return self.line


class InboxMessage(Row):
    """One version of one reservation as the channel sent it, cards masked.

    `revision` is the digest of the masked canonical content, so the same message sent ten times is one row
    (reliability.md, design rule 14). It is acknowledged once it is applied, or parked for a person.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        APPLIED = "applied", _("applied")
        ATTENTION = "attention", _("needs attention")
        FAILED = "failed", _("failed")

    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="messages")
    message_id = models.CharField(_("reservation there"), max_length=60)
    revision = models.CharField(max_length=64)
    queue = models.CharField(max_length=10)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    # Why a person should look, as codes; empty once somebody did.
    reasons = models.JSONField(default=list)
    received_at = models.DateTimeField(auto_now_add=True)
    acknowledged_at = models.DateTimeField(null=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+", null=True)
    error = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        verbose_name = _("message of a channel")
        verbose_name_plural = _("messages of channels")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "message_id", "revision"], name="inbox_message_once_per_revision"
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "created_at"], name="inbox_open", condition=models.Q(acknowledged_at=None)
            ),
            models.Index(fields=["connection", "-created_at"], name="inbox_newest"),
            models.Index(fields=["connection", "state"], name="inbox_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.message_id}"


# What a call was for, as people of the hotel say it: by its purpose, or by the end of its address if nobody answered.
PURPOSES = {
    "token": _("Signed in"),
    "poll new": _("Asked for new bookings"),
    "poll modify": _("Asked for changed bookings"),
    "acknowledge new": _("Said that new bookings arrived"),
    "acknowledge modify": _("Said that changes arrived"),
    "availability": _("Told the rooms to sell"),
    "rooms and rates": _("Asked for rooms and rates"),
    "exchange": _("Sign-in"),
    "OTA_HotelResNotif": _("New bookings"),
    "OTA_HotelResModifyNotif": _("Changed bookings"),
    "OTA_HotelAvailNotif": _("Rooms to sell"),
    "roomrates": _("Rooms and rates"),
}


class CallLog(models.Model):
    """One call to a channel, masked: what was said, what came back, and the channel's reference. Kept for 14 days.

    Polls that found nothing are not written: they are the beat of the heart, not news.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="calls")
    purpose = models.CharField(max_length=30)
    summary = models.CharField(max_length=200, blank=True)
    request = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    # NULL: no answer came.
    http_status = models.PositiveSmallIntegerField(null=True)
    ok = models.BooleanField(default=True)
    error = models.CharField(max_length=300, blank=True)
    # What the channel's support asks for (Booking.com: the RUID).
    reference = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["connection", "-id"], name="calls_newest"),
            models.Index(fields=["at"], name="calls_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.http_status}"

    @property
    def words(self) -> str:
        """Return what the call was for."""
        return str(PURPOSES.get(self.purpose, self.purpose))
