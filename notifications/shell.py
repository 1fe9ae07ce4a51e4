"""The bell in the frame of every page, and the section of the feed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.core import slots
from pms.live import context
from properties.models import Property
from properties.shell import NAVIGATION

from .permissions import Permission
from .selectors.bell import unread_count


def declare() -> None:
    """Fill the bell and our section into their slots; called once when the app is ready."""
    slots.register(context.SLOT, slots.Entry(code="bell", provider=_bell, order=200))
    entry = slots.Entry(code="activity", provider=_activity, right=Permission.ACTIVITY_VIEW, order=86)
    slots.register(NAVIGATION, entry)


def _bell(request: HttpRequest) -> dict[str, Any]:
    """Return the bell of the hotel at work; pages without a hotel have none."""
    hotel: Property | None = getattr(request, "hotel", None)
    if hotel is None:
        return {}
    rights = rights_at(request.user, hotel.pk)
    if Permission.ACTIVITY_VIEW not in rights:
        return {}
    url = reverse("notifications:show_bell", args=[hotel.code])
    return {"unread": unread_count(request.user, hotel.pk, rights), "bell_url": url}


def _activity(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("notifications:list_activity", args=[hotel.code])
    return {"label": _("Activity"), "icon": "megaphone", "url": url}
