"""Neighbours in the stream that are one line of the feed: a run, named by the number of its first event.

What is to come can only make the newest run longer, so a run keeps its name and its place whatever happens. Events that
a reader may not know of do not part neighbours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from django.db.models import QuerySet

from pms.events.models import StreamEvent
from pms.live.fragments import Audience

from .lines import codes_unsaid, fold_of

# Events that are read at once; most pages are made of one reading.
READING = 100


@dataclass(frozen=True, slots=True)
class Run:
    """Events that are one line: the number of the first, and how many they are."""

    first: int
    events: int = 1


def said(audience: Audience) -> QuerySet[StreamEvent]:
    """Return the numbered events of the audience's hotel that make lines for it."""
    rows: QuerySet[StreamEvent] = StreamEvent.objects.filter(
        property_id=audience.property_id, kind=StreamEvent.Kind.HAPPENED, seq__isnull=False
    )
    return rows.exclude(code__in=codes_unsaid(audience.rights))


def runs(audience: Audience, *, before: int | None = None) -> Iterator[Run]:
    """Return the runs below the number `before`, newest first, read as far as they are asked for."""
    first, events, fold = 0, 0, ""
    for number, its_fold in _downwards(audience, before):
        if events and not (fold and fold == its_fold):
            yield Run(first, events)
            events = 0
        first, events, fold = number, events + 1, its_fold
    if events:
        yield Run(first, events)


def runs_named(numbers: Collection[int], audience: Audience) -> list[Run]:
    """Return the runs that begin with the events of these numbers: new ones, so the newest are read down to them."""
    if not numbers:
        return []
    lowest = min(numbers)
    newer = takewhile(lambda run: run.first >= lowest, runs(audience))
    return [run for run in newer if run.first in numbers]


def first_of_runs(numbers: Sequence[int], audience: Audience) -> list[int]:
    """Return which runs the events with these numbers belong to, by the numbers of their first events."""
    wanted = sorted(numbers, reverse=True)
    found: list[int] = []
    for run in runs(audience, before=wanted[0] + 1) if wanted else ():
        # Events that the audience may not know of stand in no run.
        own = [number for number in wanted if number >= run.first]
        if own:
            found.append(run.first)
            wanted = wanted[len(own) :]
        if not wanted:
            break
    return found


def _downwards(audience: Audience, before: int | None) -> Iterator[tuple[int, str]]:
    rows = said(audience).order_by("-seq")
    while True:
        found = _read(rows if before is None else rows.filter(seq__lt=before))
        yield from found
        if len(found) < READING:
            return
        before = found[-1][0]


def _read(rows: QuerySet[StreamEvent]) -> list[tuple[int, str]]:
    """Return numbers and folds of the next events."""
    read = rows.only("id", "seq", "code", "request_id", "payload")[:READING]
    return [(event.seq or 0, fold_of(event)) for event in read]
