"""The pieces of the channels page that stay fresh: a connection's card, how it fares, the inbox, the latest calls."""

from __future__ import annotations

import uuid
from typing import Any

from pms.events.unwatched import showing
from pms.live.fragments import Fragment
from pms.live.places import place
from properties.fragments import STANDING_WORK
from reservations.events import AvailabilityMoved

from .events import (
    ChannelMessageAcknowledged,
    ChannelMessageApplied,
    ChannelMessageParked,
    ChannelMessageReceived,
    ChannelMessageSettled,
)
from .models import (
    CallLog,
    ChannelConnection,
    ConnectionPulse,
    DirtyRange,
    InboxMessage,
    RateMapping,
    RoomMapping,
)
from .permissions import Permission
from .selectors.cards import attentions, channel_cards, message_rows
from .selectors.connections import live_ids_of
from .selectors.health import channel_healths, latest_calls

CHANNEL_CARD = Fragment(
    "channel_card", "channel_manager/channels.html#channel-card", Permission.CHANNEL_VIEW, channel_cards
)
# Apart from the card: availability moves with every booking.
CHANNEL_HEALTH = Fragment(
    "channel_health", "channel_manager/channels.html#channel-health", Permission.CHANNEL_VIEW, channel_healths
)
# One per hotel, named by it.
CHANNEL_CALLS = Fragment(
    "channel_calls", "channel_manager/channels.html#channel-calls", Permission.CHANNEL_VIEW, latest_calls
)
CHANNEL_MESSAGE = Fragment(
    "channel_message", "channel_manager/channels.html#channel-message", Permission.CHANNEL_VIEW, message_rows
)
# In the navigation of every page: named by the hotel.
CHANNEL_ATTENTION = Fragment(
    "channel_attention", "channel_manager/attention.html", Permission.CHANNEL_VIEW, attentions, everywhere=True
)
OF_A_MESSAGE = (
    ChannelMessageReceived,
    ChannelMessageApplied,
    ChannelMessageParked,
    ChannelMessageAcknowledged,
    ChannelMessageSettled,
)


def declare() -> None:
    """Say which rows and events the pieces show; called once when the app is ready."""
    place("connection", Permission.CHANNEL_MANAGE, ChannelConnection)
    CHANNEL_CARD.shows(ChannelConnection)
    CHANNEL_CARD.shows(RoomMapping, pks=_connection)
    CHANNEL_CARD.shows(RateMapping, pks=_connection)
    showing(
        ConnectionPulse, lambda connection: [CHANNEL_CARD.topic(connection.pk), CHANNEL_HEALTH.topic(connection.pk)]
    )
    showing(DirtyRange, lambda connection: [CHANNEL_HEALTH.topic(connection.pk)])
    showing(CallLog, _of_call)
    showing(InboxMessage, _of_message)
    CHANNEL_HEALTH.shows_event(AvailabilityMoved, pks=lambda event: live_ids_of(event.property_id))
    for happened in OF_A_MESSAGE:
        CHANNEL_ATTENTION.shows_event(happened, pks=lambda event: [event.property_id])
        STANDING_WORK.shows_event(happened, pks=lambda event: [event.property_id])
        CHANNEL_CARD.shows_event(happened, pks=_connection)
        CHANNEL_HEALTH.shows_event(happened, pks=_connection)
        CHANNEL_MESSAGE.shows_event(happened, pks=lambda event: [event.channel_message_id])


def _of_message(message: Any) -> list[str]:
    return [CHANNEL_MESSAGE.topic(message.pk), CHANNEL_ATTENTION.topic(message.connection.property_id)]


def _of_call(connection: Any) -> list[str]:
    return [CHANNEL_HEALTH.topic(connection.pk), CHANNEL_CALLS.topic(connection.property_id)]


def _connection(row: Any) -> list[uuid.UUID]:
    return [row.connection_id]
