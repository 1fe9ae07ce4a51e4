"""What the palette finds of this app: stays by guest, number, the channel's number or the room they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.templatetags.ui import short_day, status_look
from pms.live.fragments import Audience
from properties.finding import BEGIN, FIND, MOST, Hit
from properties.models import Property

from .models import Reservation, RoomAssignment
from .permissions import Permission
from .rules import BEFORE_ARRIVAL
from .selectors.lists import naming
from .selectors.people import guests_named
from .selectors.rows import StayRow, stay_rows, stays

IN_HOUSE = Reservation.Status.IN_HOUSE


def declare() -> None:
    """Let stays be found and bookings be begun from anywhere; called once when the app is ready."""
    slots.register(FIND, slots.Entry(code="stays", provider=_stays, right=Permission.RESERVATION_VIEW, order=10))
    slots.register(BEGIN, slots.Entry(code="booking", provider=_booking, right=Permission.RESERVATION_BOOK, order=10))


def _booking(hotel: Property) -> dict[str, Any]:
    url = reverse("reservations:create_booking", args=[hotel.code])
    return {"label": _("New booking"), "icon": "calendar-plus", "url": url, "key": "n"}


def _stays(hotel: Property, words: Sequence[str], audience: Audience) -> Sequence[Hit]:
    """Return stays: who is in the house first, then what is nearest to come, at last what is over."""
    to_come = Q(status__in=BEFORE_ARRIVAL, departure__gt=hotel.business_date)
    turn = Case(When(status=IN_HOUSE, then=Value(0)), When(to_come, then=Value(1)), default=Value(2))
    coming = Case(When(to_come, then=F("arrival")))
    matching = stays(hotel.pk).filter(_meant(words, named=guests_named(audience.rights)))
    rows = stay_rows(hotel, matching.order_by(turn, coming, "-arrival", "pk")[:MOST], audience.rights)
    return [_hit(hotel, row) for row in rows.values()]


def _meant(words: Sequence[str], *, named: bool) -> Q:
    in_room = RoomAssignment.objects.filter(reservation=OuterRef("pk"), active=True)
    meant = Q()
    for word in words:
        meant &= naming(word, named=named) | (Q(status=IN_HOUSE) & Exists(in_room.filter(room__number__iexact=word)))
    return meant


def _hit(hotel: Property, row: StayRow) -> Hit:
    parts = [
        status_look(row.label).words,
        row.room.number if row.room else row.kind_name,
        f"{short_day(row.arrival)} – {short_day(row.departure)}",
        row.number if row.guest != row.number else "",
    ]
    return Hit(
        code=f"stay-{row.pk}",
        label=row.guest,
        detail=" · ".join(part for part in parts if part),
        icon=status_look(row.label).icon,
        url=reverse("reservations:open_reservation", args=[hotel.code, row.pk]),
    )
