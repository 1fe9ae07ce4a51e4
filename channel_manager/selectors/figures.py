"""What waits between us and the channels, by kind of channel: what came in, and what they have not heard yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from channel_manager.models import ChannelConnection, DirtyRange, InboxMessage
from pms.core.metrics import Reading

LIVE = ChannelConnection.Status.LIVE


def waiting() -> Iterable[Reading]:
    """Return how many messages are stored and not applied."""
    return _counted(Q(state=InboxMessage.State.RECEIVED))


def attention() -> Iterable[Reading]:
    """Return how many messages call for a person."""
    return _counted(Q(reasons__0__isnull=False))


def _counted(which: Q) -> list[Reading]:
    rows = InboxMessage.objects.filter(which).order_by().values_list("connection__kind").annotate(Count("pk"))
    return [([kind], float(count)) for kind, count in rows]


def inbox_lag() -> Iterable[Reading]:
    """Return the age of the oldest message that is not applied, in seconds."""
    rows = InboxMessage.objects.filter(state=InboxMessage.State.RECEIVED).order_by()
    return _ages(rows.values_list("connection__kind").annotate(Min("created_at")))


def ari_lag() -> Iterable[Reading]:
    """Return the age of the oldest change that a live channel was not told, in seconds."""
    rows = DirtyRange.objects.filter(connection__status=LIVE).order_by()
    return _ages(rows.values_list("connection__kind").annotate(Min("at")))


def _ages(rows: QuerySet) -> list[Reading]:
    now = timezone.now()
    return [([kind], max(0.0, (now - since).total_seconds())) for kind, since in rows]
