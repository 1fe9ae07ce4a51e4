"""Arithmetic of the room plan: which days are shown, where a bar begins and ends, how bars share a lane.

A stay begins at noon of its arrival and ends at noon of its departure. A bar therefore covers the columns of its
nights and is shifted by half a day (static/css/room-plan.css); a departure and an arrival on one day do not touch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

DAYS = (7, 14, 30, 60)
DEFAULT_DAYS = 14
GROUPS = ("type", "floor")
# The plan opens with yesterday: who left this morning is still asked about.
BEFORE = dt.timedelta(days=1)
# Further away nothing is planned, and the calendar of Python ends somewhere.
REACH = dt.timedelta(days=3660)

Span = tuple[dt.date, dt.date]


class Place(NamedTuple):
    """Where a bar stands: first column, number of columns, and whether it goes on beyond the edges.

    `stub` is a stay whose last night is before the window: only its last morning shows.
    """

    at: int
    length: int
    before: bool
    after: bool
    stub: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a plan shows, beginning with `first`."""

    first: dt.date
    days: int = DEFAULT_DAYS

    @property
    def end(self) -> dt.date:
        """Return the day after the last one shown."""
        return self.first + dt.timedelta(days=self.days)

    @property
    def last(self) -> dt.date:
        """Return the last day shown."""
        return self.first + dt.timedelta(days=self.days - 1)

    def dates(self) -> list[dt.date]:
        """Return the days shown, in order."""
        return [self.first + dt.timedelta(days=place) for place in range(self.days)]

    def moved(self, windows: int) -> Window:
        """Return the window that many lengths later."""
        return Window(self.first + dt.timedelta(days=self.days * windows), self.days)

    def place(self, first: dt.date, until: dt.date) -> Place | None:
        """Return where a bar for the nights `[first, until)` stands, or None if nothing of it shows."""
        begin, finish = (first - self.first).days, (until - self.first).days
        if finish < 0 or begin >= self.days or finish <= begin:
            return None
        if finish == 0:
            return Place(1, 1, before=True, after=False, stub=True)
        at, end = max(begin, 0), min(finish, self.days)
        # A departure on the day after the window is beyond it too: the bar lasts until noon of that day.
        return Place(at + 1, end - at, before=begin < 0, after=finish >= self.days, stub=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a plan asks for; what is missing or makes no sense is the default."""

    window: Window
    group: str

    @classmethod
    def of(cls, query: Mapping[str, str], business_date: dt.date) -> Asked:
        """Read `from`, `days` and `group`."""
        days = query.get("days", "")
        group = query.get("group", "")
        return cls(
            Window(
                _first(query.get("from", ""), business_date),
                int(days) if days in {str(choice) for choice in DAYS} else DEFAULT_DAYS,
            ),
            group if group in GROUPS else GROUPS[0],
        )

    def query(self, *, windows: int = 0, days: int = 0, group: str = "") -> str:
        """Return the query of a plan that differs from this one only in what is given."""
        first = self.window.moved(windows).first
        return urlencode({"from": first.isoformat(), "days": days or self.window.days, "group": group or self.group})

    def query_today(self) -> str:
        """Return the query of the plan around the business date, as it is when the link is followed."""
        return urlencode({"days": self.window.days, "group": self.group})


def _first(text: str, business_date: dt.date) -> dt.date:
    try:
        first = dt.date.fromisoformat(text)
    except ValueError:
        return business_date - BEFORE
    return first if abs(first - business_date) <= REACH else business_date - BEFORE


def pack(spans: Sequence[Span]) -> list[int]:
    """Return for each span the row of the lane (from 0) in which it meets no other; as few rows as overlap needs.

    The spans stand in the order of their first night; a departure and an arrival on one day share a row.
    """
    ends: list[dt.date] = []
    rows = []
    for first, until in spans:
        row = next((place for place, end in enumerate(ends) if end <= first), len(ends))
        ends[row : row + 1] = [until]
        rows.append(row)
    return rows


def gaps(first: dt.date, until: dt.date, taken: Iterable[Span]) -> list[Span]:
    """Return the parts of the nights `[first, until)` that no span of `taken` covers, in order."""
    found = []
    for begin, end in sorted(taken):
        if begin > first:
            found.append((first, min(begin, until)))
        first = max(first, end)
        if first >= until:
            return found
    return [*found, (first, until)] if first < until else found
