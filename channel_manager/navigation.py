"""The section of this app in the shell: the channels, with how many messages call for somebody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from properties.models import Property
from properties.shell import NAVIGATION

from .fragments import CHANNEL_ATTENTION
from .permissions import Permission
from .selectors.cards import attention_of


def declare() -> None:
    """Put the section into the navigation; called once when the app is ready."""
    entry = slots.Entry(code="channels", provider=_channels, right=Permission.CHANNEL_VIEW, order=60)
    slots.register(NAVIGATION, entry)


def _channels(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("channel_manager:list_channels", args=[hotel.code])
    attention = attention_of(hotel.pk)
    return {
        "label": _("Channels"),
        "icon": "waypoints",
        "url": url,
        "count": attention.count,
        "tone": "amber",
        "piece": CHANNEL_ATTENTION.name,
        "row": attention,
    }
