"""Connections to booking sites, what they told us, and what we told them."""

from .availability import DirtyRange, SentValue
from .connections import ChannelConnection, ConnectionPulse, RateMapping, RoomMapping
from .messages import CallLog, ChannelBooking, InboxMessage, StayLink

__all__ = [
    "CallLog",
    "ChannelBooking",
    "ChannelConnection",
    "ConnectionPulse",
    "DirtyRange",
    "InboxMessage",
    "RateMapping",
    "RoomMapping",
    "SentValue",
    "StayLink",
]
