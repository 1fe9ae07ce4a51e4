"""Stays as the palette finds them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from pms.live.fragments import Audience
from properties.models import Property
from reservations.models import Reservation, RoomAssignment
from reservations.rules import BEFORE_ARRIVAL

from .lists import naming
from .people import guests_named
from .rows import StayRow, stay_rows, stays

IN_HOUSE = Reservation.Status.IN_HOUSE


def stays_meant(hotel: Property, words: Sequence[str], audience: Audience, *, most: int) -> list[StayRow]:
    """Return at most `most` stays: who is in the house first, then what is nearest to come, at last what is over.

    Each of the folded words names the guest, the booker, a number or the room somebody sleeps in.
    """
    to_come = Q(status__in=BEFORE_ARRIVAL, departure__gt=hotel.business_date)
    turn = Case(When(status=IN_HOUSE, then=Value(0)), When(to_come, then=Value(1)), default=Value(2))
    coming = Case(When(to_come, then=F("arrival")))
    matching = stays(hotel.pk).filter(_meant(words, named=guests_named(audience.rights)))
    rows = stay_rows(hotel, matching.order_by(turn, coming, "-arrival", "pk")[:most], audience.rights)
    return list(rows.values())


def _meant(words: Sequence[str], *, named: bool) -> Q:
    in_room = RoomAssignment.objects.filter(reservation=OuterRef("pk"), active=True)
    meant = Q()
    for word in words:
        sleeps_there = Q(Exists(in_room.filter(room__number__iexact=word)), status=IN_HOUSE)
        meant &= naming(word, named=named) | sleeps_there
    return meant
