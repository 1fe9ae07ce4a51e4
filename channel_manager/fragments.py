"""The pieces of the channels page that stay fresh: a connection's card, a message of the inbox."""

from __future__ import annotations

import uuid
from typing import Any

from pms.live.fragments import Fragment

from .events import (
    ChannelAvailabilitySent,
    ChannelConnectionFailed,
    ChannelConnectionHealed,
    ChannelMessageAcknowledged,
    ChannelMessageApplied,
    ChannelMessageParked,
    ChannelMessageReceived,
    ChannelMessageSettled,
)
from .models import ChannelConnection, RateMapping, RoomMapping
from .permissions import Permission
from .selectors.cards import channel_cards, message_rows

CHANNEL_CARD = Fragment(
    "channel_card", "channel_manager/channels.html#channel-card", Permission.CHANNEL_VIEW, channel_cards
)
CHANNEL_MESSAGE = Fragment(
    "channel_message", "channel_manager/channels.html#channel-message", Permission.CHANNEL_VIEW, message_rows
)
OF_A_MESSAGE = (
    ChannelMessageReceived,
    ChannelMessageApplied,
    ChannelMessageParked,
    ChannelMessageAcknowledged,
    ChannelMessageSettled,
)
OF_A_CONNECTION = (ChannelConnectionFailed, ChannelConnectionHealed, ChannelAvailabilitySent)


def declare() -> None:
    """Say which rows and events the pieces show; called once when the app is ready."""
    CHANNEL_CARD.shows(ChannelConnection)
    CHANNEL_CARD.shows(RoomMapping, pks=_connection)
    CHANNEL_CARD.shows(RateMapping, pks=_connection)
    for told in OF_A_CONNECTION:
        CHANNEL_CARD.shows_event(told, pks=lambda event: [event.channel_connection_id])
    for happened in OF_A_MESSAGE:
        CHANNEL_CARD.shows_event(happened, pks=_connection)
        CHANNEL_MESSAGE.shows_event(happened, pks=lambda event: [event.channel_message_id])


def _connection(row: Any) -> list[uuid.UUID]:
    return [row.connection_id]
