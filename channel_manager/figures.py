"""Figures of the channels for Prometheus, by kind of channel: what came in and waits, what they have not heard yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from pms.core.metrics import Reading, gauge

from .models import ChannelConnection, DirtyRange, InboxMessage

LIVE = ChannelConnection.Status.LIVE


def declare() -> None:
    """Register the gauges; called once when the app is ready."""
    kind = ("channel",)
    gauge("pms_inbox_waiting", "Messages that are stored and not applied.", _waiting, labels=kind)
    gauge("pms_inbox_lag_seconds", "Age of the oldest message that is not applied.", _inbox_lag, labels=kind)
    gauge("pms_inbox_attention", "Messages that call for a person.", _attention, labels=kind)
    gauge("pms_ari_lag_seconds", "Age of the oldest change that a live channel was not told.", _ari_lag, labels=kind)


def _waiting() -> Iterable[Reading]:
    return _counted(Q(state=InboxMessage.State.RECEIVED))


def _attention() -> Iterable[Reading]:
    return _counted(Q(reasons__0__isnull=False))


def _counted(which: Q) -> list[Reading]:
    rows = InboxMessage.objects.filter(which).order_by().values_list("connection__kind").annotate(Count("pk"))
    return [([kind], float(count)) for kind, count in rows]


def _inbox_lag() -> Iterable[Reading]:
    rows = InboxMessage.objects.filter(state=InboxMessage.State.RECEIVED).order_by()
    return _ages(rows.values_list("connection__kind").annotate(Min("created_at")))


def _ari_lag() -> Iterable[Reading]:
    rows = DirtyRange.objects.filter(connection__status=LIVE).order_by()
    return _ages(rows.values_list("connection__kind").annotate(Min("at")))


def _ages(rows: QuerySet) -> list[Reading]:
    now = timezone.now()
    return [([kind], max(0.0, (now - since).total_seconds())) for kind, since in rows]
