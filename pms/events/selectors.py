"""Reads of the stream: heads and the rows after a number."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from .models import StreamEvent, StreamHead


@dataclass(frozen=True, slots=True)
class Head:
    """The highest number of a property's stream, and its epoch; a property without news has number 0."""

    seq: int = 0
    epoch: str = ""


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


def events_after(property_id: uuid.UUID, seq: int, *, limit: int) -> list[StreamEvent]:
    """Return at most `limit` events of the property with a number above `seq`, in order."""
    return list(StreamEvent.objects.filter(property_id=property_id, seq__gt=seq).order_by("seq")[:limit])


def oldest_seq(property_id: uuid.UUID) -> int | None:
    """Return the lowest number still kept, or None if there is no event."""
    return (
        StreamEvent.objects.filter(property_id=property_id, seq__isnull=False)
        .order_by("seq")
        .values_list("seq", flat=True)
        .first()
    )
