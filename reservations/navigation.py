"""The sections of this app in the shell: today, the reservations and the prices."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from properties.background import ABOUT
from properties.models import Property
from properties.shell import NAVIGATION

from . import finding
from .permissions import Permission


def declare() -> None:
    """Put the sections into the navigation; called once when the app is ready."""
    right = Permission.RESERVATION_VIEW
    slots.register(ABOUT, slots.Entry(code="reservation", provider=_stay, right=right))
    slots.register(NAVIGATION, slots.Entry(code="today", provider=_today, right=right, order=10))
    slots.register(NAVIGATION, slots.Entry(code="reservations", provider=_reservations, right=right, order=30))
    slots.register(NAVIGATION, slots.Entry(code="rates", provider=_rates, right=Permission.RATE_VIEW, order=48))
    closed = slots.Entry(code="closed_rooms", provider=_closed_rooms, right=Permission.ROOM_CLOSE, order=46)
    slots.register(NAVIGATION, closed)
    finding.declare()


def _stay(code: str, pk: object) -> str:
    return reverse("reservations:open_reservation", args=[code, pk])


def _today(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("reservations:today", args=[hotel.code])
    return {"label": _("Today"), "icon": "concierge-bell", "url": url, "exact": True, "primary": True, "key": "t"}


def _reservations(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("reservations:list_reservations", args=[hotel.code])
    item = {"label": _("Reservations"), "short": _("Stays"), "icon": "notebook-tabs", "url": url, "primary": True}
    return item | {"within": [reverse("reservations:create_booking", args=[hotel.code])]}


def _rates(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    return {"label": _("Prices"), "icon": "tag", "url": reverse("reservations:list_rates", args=[hotel.code])}


def _closed_rooms(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("reservations:list_closed_rooms", args=[hotel.code])
    return {"label": _("Closed rooms"), "icon": "construction", "url": url}
