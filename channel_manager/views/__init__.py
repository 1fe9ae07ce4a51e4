"""The pages of the channels."""

from .connections import (
    add_connection,
    change_connection,
    go_live,
    map_connection,
    suspend_connection,
    sync_connection,
    test_connection,
)
from .messages import channels, open_message, retry_message, settle_message

__all__ = [
    "add_connection",
    "change_connection",
    "channels",
    "go_live",
    "map_connection",
    "open_message",
    "retry_message",
    "settle_message",
    "suspend_connection",
    "sync_connection",
    "test_connection",
]
