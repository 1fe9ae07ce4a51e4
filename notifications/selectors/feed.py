"""What happened in the house, newest first: read from the stream, said in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils import timezone, translation

from pms.core.origins import actor_name
from pms.live.fragments import Audience, newest_first
from properties.models import Property
from properties.selectors import hotel_by_id

from .lines import Happening, Told, actors_of, lines_of
from .runs import Run, runs, runs_named, said

PAGE = 50


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of the feed: the event with number `pk`, and how many `more` like it followed at once."""

    pk: int
    told: Told
    more: int

    @property
    def place(self) -> str:
        """Return where the line stands: the newest first."""
        return newest_first(self.pk)


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the feed; `next` is the number of the stream below which it goes on, None at the end.

    `start` is the place after which the page begins; empty for the newest.
    """

    lines: Sequence[FeedLine]
    next: int | None
    start: str = ""

    @property
    def end(self) -> str:
        """Return the place of the last line; empty when nothing follows it."""
        return newest_first(self.next) if self.next else ""


def feed_lines(numbers: Sequence[int], audience: Audience) -> dict[int, FeedLine]:
    """Return the lines that begin with the events of these numbers."""
    return {line.pk: line for line in _lines(runs_named(set(numbers), audience), audience)}


def feed(audience: Audience, *, before: int | None = None, limit: int = PAGE) -> Feed:
    """Return at most `limit` lines, newest first, those below number `before` if given.

    As many queries for fifty lines as for five. The words are chosen here: whoever draws a piece for others does so
    in a language of its own.
    """
    found = list(islice(runs(audience, before=before), limit + 1))
    with translation.override(audience.locale):
        lines = _lines(found[:limit], audience)
    following = found[limit - 1].first if len(found) > limit else None
    return Feed(lines, following, newest_first(before) if before else "")


def _lines(found: Iterable[Run], audience: Audience) -> list[FeedLine]:
    hotel = hotel_by_id(audience.property_id)
    more = {run.first: run.events - 1 for run in found}
    events = {event.pk: event for event in said(audience).filter(seq__in=more).order_by("-seq")}
    told = tell(hotel, [Happening.of(event, hotel) for event in events.values()], audience)
    numbers = {event.pk: event.seq or 0 for event in events.values()}
    return [FeedLine(numbers[one.key], one, more[numbers[one.key]]) for one in told]


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
