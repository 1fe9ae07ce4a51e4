"""The list of reservations: found by name or number, filtered, page by page without an offset."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from pms.core.folding import folded
from pms.live.fragments import Audience
from properties.models import Property
from properties.selectors import hotel_by_id
from reservations.models import Reservation

from .people import guests_named
from .rows import StayRow, stay_rows, stays

PAGE = 50


@dataclass(frozen=True, slots=True)
class Search:
    """What the list was asked for; `after` is the last row of the page before."""

    text: str = ""
    status: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    after: tuple[dt.date, uuid.UUID] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of reservations, and where the next one begins (empty: this was the last).

    `start` is the place after which the page begins; empty at the beginning of the list.
    """

    rows: Sequence[StayRow]
    next: str
    start: str = ""

    @property
    def end(self) -> str:
        """Return the place of the last row; empty when nothing follows it."""
        return self.next.replace("_", " ")


def reservation_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, StayRow]:
    """Return the rows of these reservations."""
    hotel = hotel_by_id(audience.property_id)
    return stay_rows(hotel, stays(hotel.pk).filter(pk__in=pks), audience.rights)


def listed(pks: Sequence[uuid.UUID], audience: Audience, search: Search) -> set[uuid.UUID]:
    """Return which of these reservations match, whatever page of the list they stand on (one query)."""
    found = Reservation.objects.filter(_matching(search, named=guests_named(audience.rights)), pk__in=pks)
    return set(found.filter(property_id=audience.property_id).values_list("pk", flat=True))


def reservations_found(hotel: Property, search: Search, audience: Audience) -> Found:
    """Return the reservations that match, by arrival; two queries however many there are."""
    found = stays(hotel.pk).filter(_matching(search, named=guests_named(audience.rights))).order_by("arrival", "pk")
    rows = list(stay_rows(hotel, found[: PAGE + 1], audience.rights).values())
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    start = f"{search.after[0].isoformat()} {search.after[1]}" if search.after else ""
    return Found(rows, f"{rows[-1].arrival.isoformat()}_{rows[-1].pk}" if more else "", start)


def _matching(search: Search, *, named: bool) -> Q:
    wanted = Q()
    for word in folded(search.text).split():
        wanted &= naming(word, named=named)
    if search.status:
        wanted &= Q(status=search.status)
    if search.first:
        wanted &= Q(arrival__gte=search.first)
    if search.last:
        wanted &= Q(arrival__lte=search.last)
    if search.after:
        day, pk = search.after
        wanted &= Q(arrival__gt=day) | Q(arrival=day, pk__gt=pk)
    return wanted


def naming(word: str, *, named: bool) -> Q:
    """Return what a folded word finds: the number of the stay, the channel's own, the guest or who booked.

    Names only if they may be known (`named`): a search that finds a name tells the name.
    """
    match = Q(number__istartswith=word) | Q(booking__external_id__iexact=word)
    if named:
        match |= Q(guest__sort_key__contains=word) | Q(booking__booker__sort_key__contains=word)
    return match
