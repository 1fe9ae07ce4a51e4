"""What the palette finds of this app: stays by guest, number, the channel's number or the room they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.templatetags.ui import short_day, status_look
from pms.live.fragments import Audience
from properties.finding import BEGIN, FIND, MOST, Hit
from properties.models import Property

from .permissions import Permission
from .selectors.finding import stays_meant
from .selectors.rows import StayRow


def declare() -> None:
    """Let stays be found and bookings be begun from anywhere; called once when the app is ready."""
    slots.register(FIND, slots.Entry(code="stays", provider=_stays, right=Permission.RESERVATION_VIEW, order=10))
    slots.register(BEGIN, slots.Entry(code="booking", provider=_booking, right=Permission.RESERVATION_BOOK, order=10))


def _booking(hotel: Property) -> dict[str, Any]:
    url = reverse("reservations:create_booking", args=[hotel.code])
    return {"label": _("New booking"), "icon": "calendar-plus", "url": url, "key": "n"}


def _stays(hotel: Property, words: Sequence[str], audience: Audience) -> Sequence[Hit]:
    return [_hit(hotel, row) for row in stays_meant(hotel, words, audience, most=MOST)]


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
