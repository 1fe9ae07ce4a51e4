"""How connections fare at this moment: small pieces of the channels page, drawn as often as availability moves."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min

from channel_manager.models import CallLog, ConnectionPulse, DirtyRange, InboxMessage
from channel_manager.selectors.messages import calls_of, errors_since_yesterday
from pms.live.fragments import Audience

MOST_CALLS = 20


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """When a connection was last heard, and what waits; `since`: when the oldest change began to wait."""

    pk: uuid.UUID
    answered_at: dt.datetime | None
    since: dt.datetime | None
    waiting: int
    errors: int


@dataclass(frozen=True, slots=True)
class LatestCalls:
    """The latest calls of a hotel's connections: one piece, named by the hotel."""

    pk: uuid.UUID
    calls: Sequence[CallLog]


def channel_healths(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, ChannelHealth]:
    """Return how these connections fare; those of other hotels are left out."""
    pulses = ConnectionPulse.objects.filter(connection__property_id=audience.property_id, pk__in=pks)
    answered = dict(pulses.values_list("pk", "answered_at"))
    dirty = _dirty(answered)
    received = InboxMessage.objects.filter(connection_id__in=answered, state=InboxMessage.State.RECEIVED)
    unapplied = dict(received.order_by().values_list("connection_id").annotate(Count("pk")))
    errors = errors_since_yesterday(answered)
    return {
        pk: ChannelHealth(
            pk=pk,
            answered_at=answered_at,
            since=dirty[pk][1] if pk in dirty else None,
            waiting=(dirty[pk][0] if pk in dirty else 0) + unapplied.get(pk, 0),
            errors=errors.get(pk, 0),
        )
        for pk, answered_at in answered.items()
    }


def latest_calls(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, LatestCalls]:
    """Return the latest calls of the audience's hotel, if it is asked for."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: LatestCalls(audience.property_id, calls_of(audience.property_id, most=MOST_CALLS))}


def _dirty(connection_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, dt.datetime]]:
    """Return how many ranges of each connection wait to be told, and since when."""
    rows = DirtyRange.objects.filter(connection_id__in=connection_ids).order_by()
    found = rows.values_list("connection_id").annotate(Count("pk"), Min("at"))
    return {pk: (ranges, since) for pk, ranges, since in found}
