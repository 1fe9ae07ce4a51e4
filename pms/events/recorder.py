"""Writes news into the stream, in the transaction of the change; nothing else inserts there."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import models

from pms.core.acting import acting
from pms.core.locks import require_transaction

from . import bell
from .base import Event
from .models import Delivery, StreamEvent

# A changed row, the properties that show it, and the pieces of pages it touches.
Changed = tuple[models.Model, Iterable[uuid.UUID], Sequence[str]]
# From an event to the pieces of pages that show what it tells of: rows that are not watched, feeds.
_told: dict[type[Event], list[Callable[[Any], Iterable[str]]]] = defaultdict(list)


def telling(event: type[Event], touched: Callable[[Any], Iterable[str]]) -> None:
    """Add a mapping from an event (or, for `Event` itself, from every event) to the pieces that show it."""
    _told[event].append(touched)


def _pieces(event: Event) -> list[str]:
    named = (name for kind in type(event).__mro__ for touched in _told.get(kind, ()) for name in touched(event))
    return list(dict.fromkeys(named))


def record_changed(
    *,
    row: models.Model,
    property_ids: Iterable[uuid.UUID],
    touches: Sequence[str] = (),
    what: str = "changed",
) -> None:
    """Record that `row` changed (or was added, or deleted), once for each property that shows it."""
    record_all_changed([(row, property_ids, touches)], what=what)


def record_all_changed(changed: Iterable[Changed], *, what: str = "changed") -> None:
    """Record several changed rows, each with the properties that show it and the pieces it touches, in one go."""
    require_transaction("A change that pages must hear of")
    current = acting()
    news = [
        StreamEvent(
            property_id=property_id,
            kind=StreamEvent.Kind.CHANGED,
            code=f"{row._meta.model_name}.{what}",
            object_type=row._meta.model_name or "",
            object_id=row.pk,
            version=getattr(row, "version", None),
            touches=list(touches),
            actor_id=current.user_id,
            via=current.way,
            request_id=current.request_id,
        )
        for row, property_ids, touches in changed
        for property_id in property_ids
    ]
    for event in StreamEvent.objects.bulk_create(news):
        bell.ring_property(event.property_id)


def record_happened(event: Event, *, receivers: Sequence[str]) -> StreamEvent:
    """Record `event` and owe it to each of the named `@after` receivers."""
    return record_all_happened([(event, receivers)])[0]


def record_all_happened(happened: Sequence[tuple[Event, Sequence[str]]]) -> list[StreamEvent]:
    """Record several events, each with the names of its `@after` receivers, in their order and in one go."""
    require_transaction("An event")
    rows = StreamEvent.objects.bulk_create([_row(event) for event, _receivers in happened])
    owed = Delivery.objects.bulk_create(
        Delivery(event=row, receiver=name, property_id=row.property_id)
        for row, (_event, receivers) in zip(rows, happened, strict=True)
        for name in receivers
    )
    for row in rows:
        bell.ring_property(row.property_id)
    if owed:
        bell.ring_worker()
    return rows


def _row(event: Event) -> StreamEvent:
    current = acting()
    return StreamEvent(
        property_id=event.property_id,
        kind=StreamEvent.Kind.HAPPENED,
        code=event.code,
        object_type=event.object_type,
        object_id=event.object_id,
        version=event.version,
        business_date=event.business_date,
        payload=event.payload(),
        touches=_pieces(event),
        actor_id=current.user_id,
        via=current.way,
        request_id=current.request_id,
    )
