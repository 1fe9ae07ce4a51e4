"""What can happen between the hotel and its channels."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pms.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ChannelMessageReceived(Event, code="channel_message.received"):
    """A channel sent a new version of a reservation; it is stored."""

    channel_message_id: uuid.UUID
    connection_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ChannelMessageApplied(Event, code="channel_message.applied"):
    """A channel's reservation stands in the house as the channel has it."""

    channel_message_id: uuid.UUID
    connection_id: uuid.UUID
    booking_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ChannelMessageParked(Event, code="channel_message.parked"):
    """A channel's message needs attention: `reasons` say why (unmapped, overbooked, unreadable, …)."""

    channel_message_id: uuid.UUID
    connection_id: uuid.UUID
    booking_id: uuid.UUID | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChannelMessageAcknowledged(Event, code="channel_message.acknowledged"):
    """The channel knows that we have the reservation."""

    channel_message_id: uuid.UUID
    connection_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ChannelMessageSettled(Event, code="channel_message.settled"):
    """A person looked after a message that needed attention."""

    channel_message_id: uuid.UUID
    connection_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ChannelConnectionFailed(Event, code="channel_connection.failed"):
    """The channel stopped answering, or refuses us; it is tried again by itself."""

    channel_connection_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ChannelConnectionHealed(Event, code="channel_connection.healed"):
    """The channel answers again."""

    channel_connection_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ChannelAvailabilitySent(Event, code="channel_availability.sent", object_type="channel_connection"):
    """The channel acknowledged new numbers of rooms to sell: so many cells (`cells`) in so many messages."""

    channel_connection_id: uuid.UUID
    cells: int
    messages: int
