"""The section of this app in the shell. For people who see no reservations it is the first one: there they begin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from properties.models import Property
from properties.permissions import Permission
from properties.shell import NAVIGATION


def declare() -> None:
    """Put the section into the navigation; called once when the app is ready."""
    slots.register(NAVIGATION, slots.Entry(code="my_rooms", provider=_my_rooms, right=Permission.ROOM_MARK, order=44))


def _my_rooms(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("housekeeping:my_rooms", args=[hotel.code])
    return {"label": _("My rooms"), "icon": "brush-cleaning", "url": url, "primary": True, "apart": True}
