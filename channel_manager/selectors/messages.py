"""Reads of the inbox and of the calls."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from channel_manager.models import CallLog, ChannelBooking, InboxMessage, StayLink
from channel_manager.models.messages import UNREADABLE
from pms.accounts.access import fetch
from properties.models import Property

State = InboxMessage.State
SETTLED = (State.APPLIED, State.ATTENTION, State.FAILED)


def messages_of(hotel: Property) -> QuerySet[InboxMessage]:
    """Return the hotel's messages, newest first."""
    rows: QuerySet[InboxMessage] = InboxMessage.objects.filter(connection__property_id=hotel.pk)
    return rows.select_related("connection", "booking").order_by("-created_at", "-pk")


def message_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> InboxMessage:
    """Return the message if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: InboxMessage = fetch(messages_of(hotel), user, right, pk=pk)
    return found


def message_by_id(pk: uuid.UUID) -> InboxMessage:
    """Return a message as it stands now, for work in the background."""
    found: InboxMessage = InboxMessage.objects.select_related("connection__property", "booking").get(pk=pk)
    return found


def open_ids(connection_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the messages that are stored and not applied yet, oldest first."""
    rows = InboxMessage.objects.filter(connection_id=connection_id, state=State.RECEIVED)
    return list(rows.order_by("created_at", "pk").values_list("pk", flat=True))


def to_acknowledge(connection_id: uuid.UUID, queue: str, delivered: Iterable[uuid.UUID]) -> list[InboxMessage]:
    """Return what the queue is to be told: settled messages that it gave us now, or that it was never told about."""
    rows = InboxMessage.objects.filter(connection_id=connection_id, queue=queue, state__in=SETTLED)
    rows = rows.filter(Q(pk__in=list(delivered)) | Q(acknowledged_at=None)).exclude(message_id=UNREADABLE)
    return list(rows.select_related("booking").order_by("created_at", "pk"))


def versions_of(channel_booking: ChannelBooking) -> list[InboxMessage]:
    """Return every stored version of a channel's reservation, as they came."""
    rows = InboxMessage.objects.filter(
        connection_id=channel_booking.connection_id, message_id=channel_booking.external_id
    )
    return list(rows.order_by("created_at", "pk"))


def stays_of(channel_booking: ChannelBooking) -> dict[str, uuid.UUID]:
    """Return which stay each room line of a channel's reservation became."""
    return dict(StayLink.objects.filter(channel_booking=channel_booking).values_list("line", "reservation_id"))


def waiting_for_mapping(connection_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the messages whose reservations wait for a room or rate to be mapped, oldest first."""
    rows = InboxMessage.objects.filter(connection_id=connection_id, state=State.ATTENTION)
    return list(rows.filter(reasons__contains=["unmapped"]).order_by("created_at", "pk").values_list("pk", flat=True))


def calls_about(message: InboxMessage, *, most: int = 20) -> list[CallLog]:
    """Return the calls that carried a message, newest first."""
    rows = CallLog.objects.filter(connection_id=message.connection_id, summary__contains=message.message_id)
    return list(rows.order_by("-id")[:most])


def calls_of(property_id: uuid.UUID, *, most: int) -> list[CallLog]:
    """Return the hotel's latest calls, newest first, without what was said."""
    rows = CallLog.objects.filter(connection__property_id=property_id).defer("request", "answer")
    return list(rows.order_by("-id")[:most])


def errors_since_yesterday(connection_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many calls of each connection failed in the last 24 hours."""
    since = timezone.now() - dt.timedelta(hours=24)
    failed = CallLog.objects.filter(connection_id__in=list(connection_ids), at__gte=since, ok=False)
    return dict(failed.order_by().values_list("connection_id").annotate(Count("pk")))
