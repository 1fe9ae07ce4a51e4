"""Reads of the stream (heads and the rows after a number) and of what is owed to receivers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Func, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from .models import Delivery, StreamEvent, StreamHead


@dataclass(frozen=True, slots=True)
class Head:
    """The highest number of a property's stream, and its epoch; a property without news has number 0.

    `since` is when the oldest of the news that led here was written, where somebody read them.
    """

    seq: int = 0
    epoch: str = ""
    since: dt.datetime | None = field(default=None, compare=False)


def stream_head(property_id: uuid.UUID) -> Head:
    """Return the head of one property's stream."""
    return stream_heads([property_id])[property_id]


def stream_heads(property_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Head]:
    """Return the heads of several properties in one query; each asked property is in the answer."""
    wanted = list(property_ids)
    found = {
        row.property_id: Head(row.seq, str(row.epoch)) for row in StreamHead.objects.filter(property_id__in=wanted)
    }
    return {property_id: found.get(property_id, Head()) for property_id in wanted}


def with_heads(tenants: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows of the tenant's model, each read together with its stream's head: no news falls in between."""
    own = StreamHead.objects.filter(property_id=OuterRef("pk"))
    read: QuerySet[Any] = tenants.annotate(
        stream_seq=Subquery(own.values("seq")), stream_epoch=Subquery(own.values("epoch"))
    )
    return read


def head_read_with(tenant: Any) -> Head:
    """Return the head that was read with the row (`with_heads`)."""
    return Head(tenant.stream_seq or 0, str(tenant.stream_epoch or ""))


def events_after(property_id: uuid.UUID, seq: int, *, limit: int) -> list[StreamEvent]:
    """Return at most `limit` events of the property with a number above `seq`, in order."""
    return list(StreamEvent.objects.filter(property_id=property_id, seq__gt=seq).order_by("seq")[:limit])


def touched_between(property_id: uuid.UUID, after: int, until: int) -> tuple[int, dt.datetime | None, list[str]]:
    """Return how many events have a number above `after` up to `until`, when the first was written, and their pieces.

    Numbers are dense: fewer than `until - after` events means that some are kept no more.
    """
    events = StreamEvent.objects.filter(property_id=property_id, seq__gt=after, seq__lte=until)
    names = events.annotate(piece=Func(F("touches"), function="unnest")).order_by("piece").distinct()
    found = events.aggregate(number=Count("pk"), since=Min("occurred_at"))
    return found["number"], found["since"], list(names.values_list("piece", flat=True))


def numbers_happened(property_id: uuid.UUID, after: int, until: int) -> list[int]:
    """Return the numbers above `after` up to `until` under which something happened, in order."""
    rows = StreamEvent.objects.filter(property_id=property_id, kind=StreamEvent.Kind.HAPPENED)
    found = rows.filter(seq__gt=after, seq__lte=until).order_by("seq").values_list("seq", flat=True)
    return [number for number in found if number is not None]


def unbroken_from(property_id: uuid.UUID) -> int | None:
    """Return the lowest number from which on every event of the property is still kept, or None if there is no event.

    Older ones may be kept as well, since an event that is owed to somebody outlives its neighbours.
    """
    rows = StreamEvent.objects.filter(property_id=property_id, seq__isnull=False)
    newest = rows.aggregate(found=Max("seq"))["found"]
    backwards = Window(RowNumber(), order_by=F("seq").desc())
    found = rows.annotate(row=backwards).filter(seq=Value(newest) + 1 - F("row")).aggregate(found=Min("seq"))["found"]
    return None if found is None else int(found)


def all_kept(property_id: uuid.UUID, after: int, until: int) -> bool:
    """Tell whether every event with a number above `after` up to `until` is still kept; numbers have no gaps."""
    kept = StreamEvent.objects.filter(property_id=property_id, seq__gt=after, seq__lte=until).count()
    return kept >= until - after


# --- deliveries -------------------------------------------------------------------------------------------------------

State = Delivery.State


def deliveries_standing(property_ids: Iterable[uuid.UUID], *, most: int) -> list[Delivery]:
    """Return what is parked, and what failed and will be tried again, with its events: parked first, oldest first."""
    rows = Delivery.objects.filter(property_id__in=list(property_ids)).filter(
        Q(state=State.PARKED) | Q(state=State.PENDING, error__gt="")
    )
    return list(rows.select_related("event").order_by("state", "receiver", "seq", "pk")[:most])


def deliveries_parked(property_id: uuid.UUID) -> QuerySet[Delivery]:
    """Return what is parked at the hotel."""
    return Delivery.objects.filter(property_id=property_id, state=State.PARKED)


def deliveries_waiting(property_id: uuid.UUID) -> tuple[int, dt.datetime | None]:
    """Return how many deliveries of the hotel are owed now, and when the oldest of them fell due."""
    found = Delivery.objects.filter(property_id=property_id, state=State.PENDING).aggregate(
        waiting=Count("pk"), since=Min("due_at")
    )
    return found["waiting"], found["since"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one receiver has before it, over all hotels; `oldest` is the age in seconds of what waits longest."""

    receiver: str
    pending: int
    oldest: float
    parked: int


def backlogs() -> list[Backlog]:
    """Return the backlog of every receiver that has any, in one query."""
    now = timezone.now()
    owed = Delivery.objects.filter(state__in=[State.PENDING, State.PARKED]).order_by("receiver")
    found = owed.values("receiver").annotate(
        pending=Count("pk", filter=Q(state=State.PENDING)),
        parked=Count("pk", filter=Q(state=State.PARKED)),
        since=Min("event__occurred_at", filter=Q(state=State.PENDING)),
    )
    return [
        Backlog(
            row["receiver"],
            row["pending"],
            max(0.0, (now - row["since"]).total_seconds()) if row["since"] else 0.0,
            row["parked"],
        )
        for row in found
    ]
