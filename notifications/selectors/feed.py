"""What happened in the house, newest first: read from the stream, said in the reader's language."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone, translation

from pms.core.origins import actor_name
from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.models import Property
from properties.selectors import hotel_by_id

from .lines import Happening, Line, Told, actors_of, codes_unsaid, lines_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the calendar."""

    date: dt.date
    told: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the feed; `next` is the number of the stream below which it goes on, None at the end."""

    pk: uuid.UUID
    hotel_code: str
    days: Sequence[Day]
    next: int | None


def feed_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Feed]:
    """Return the newest page of the audience's hotel: one piece, named by the hotel."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: feed(audience)}


def feed(audience: Audience, *, before: int | None = None, limit: int = PAGE) -> Feed:
    """Return at most `limit` events as sentences, newest first, those below number `before` if given.

    As many queries for fifty lines as for five. The words are chosen here: whoever draws a piece for others does so
    in a language of its own.
    """
    hotel = hotel_by_id(audience.property_id)
    events = _events(hotel, audience, before, limit + 1)
    shown = [Happening.of(event, hotel) for event in events[:limit]]
    with translation.override(audience.locale):
        told = tell(hotel, shown, audience)
    following = events[limit - 1].seq if len(events) > limit else None
    return Feed(hotel.pk, hotel.code, _days(_folded(told)), following)


def tell(hotel: Property, events: Sequence[Happening], audience: Audience) -> list[Told]:
    """Return the sentences of `events` in their order, without those that the audience may not know of."""
    lines = lines_of(events, audience)
    actors = actors_of(events)
    return [
        Told(
            key=event.key,
            line=lines[event.key],
            actor=actor_name(actors.get(event.actor_id), event.via),
            moment=timezone.localtime(event.occurred_at, hotel.zone),
        )
        for event in events
        if event.key in lines
    ]


def _events(hotel: Property, audience: Audience, before: int | None, limit: int) -> list[StreamEvent]:
    events = StreamEvent.objects.filter(
        property_id=hotel.pk, kind=StreamEvent.Kind.HAPPENED, seq__isnull=False
    ).exclude(code__in=codes_unsaid(audience.rights))
    if before is not None:
        events = events.filter(seq__lt=before)
    return list(events.order_by("-seq")[:limit])


def _folded(told: Iterable[Told]) -> list[Told]:
    """Return the lines with neighbours that say the same of many things made one."""
    found: list[Told] = []
    for one in told:
        if found and one.line.fold and _same(found[-1].line, one.line):
            found[-1] = replace(found[-1], more=found[-1].more + 1)
        else:
            found.append(one)
    return found


def _same(line: Line, other: Line) -> bool:
    return line.fold == other.fold


def _days(told: Iterable[Told]) -> list[Day]:
    days: dict[dt.date, list[Told]] = {}
    for one in told:
        days.setdefault(one.moment.date(), []).append(one)
    return [Day(date, lines) for date, lines in days.items()]
