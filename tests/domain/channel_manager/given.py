"""What tests of channels say again and again: a message that came in, and what it became."""

from __future__ import annotations

import datetime as dt
from typing import Any

from channel_manager.channels.booking_com import messages as booking_com
from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.services.apply import message_apply
from channel_manager.services.inbox import message_store
from reservations.models import Reservation, ReservationNight
from tests.channels.booking_com.wire import reservation


def stored(connection: ChannelConnection, body: str | bytes, *, queue: str = "new") -> list[InboxMessage]:
    """Store the reservations of a raw body as a pull does."""
    raw = body.encode() if isinstance(body, str) else body
    found = booking_com.received(raw)
    return [message_store(connection=connection, queue=queue, received=one) for one in found]


def came(connection: ChannelConnection, body: str | bytes, *, queue: str = "new") -> InboxMessage:
    """Store and apply one reservation, and return its message."""
    (message,) = stored(connection, body, queue=queue)
    return message_apply(message_id=message.pk)


def sold(connection: ChannelConnection, **facts: Any) -> InboxMessage:
    """Let a new reservation come in."""
    return came(connection, reservation(connection.property, **facts))


def changed(connection: ChannelConnection, *, at: str = "2026-03-02T08:00:00", **facts: Any) -> InboxMessage:
    """Let a change come in."""
    body = reservation(connection.property, entry="HotelResModify", at=at, **facts)
    return came(connection, body, queue="modify")


def called_off(connection: ChannelConnection, *, at: str = "2026-03-03T08:00:00", **facts: Any) -> InboxMessage:
    """Let a cancellation come in."""
    return changed(connection, at=at, status="Cancelled", **facts)


def the_stay() -> Reservation:
    """Return the only stay there is."""
    return Reservation.objects.get()


def prices() -> list[tuple[dt.date, object, bool]]:
    """Return the nights of all stays: which, for how much, counted or not."""
    return list(ReservationNight.objects.order_by("night").values_list("night", "price", "counted"))
