"""What Booking.com is to the house: limits as documented (booking_com.md 8.1, 12)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channel_manager.channels.registry import Credential, Profile, register
from channel_manager.drafts import MODIFY, NEW

from . import messages
from .client import BookingClient

PROFILE = Profile(
    kind="booking_com",
    name="Booking.com",
    about=_("Two queues with acknowledgement, OpenTravel"),
    system="booking_com",
    queues=(NEW, MODIFY),
    credentials=(
        Credential("client_id", _("Client id"), secret=False),
        Credential("client_secret", _("Client secret")),
    ),
    client=BookingClient,
    split=messages.received,
    read=messages.read,
    poll_seconds=20.0,
    ack_pause=5.0,
    most_value=254,
)


def declare() -> None:
    """Register the channel; called once when the app is ready."""
    register(PROFILE)
