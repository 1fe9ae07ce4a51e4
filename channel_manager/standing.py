"""What the channels sent and nobody could apply, beside all other background work that stands still."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from pms.live.fragments import Audience
from properties.background import ABOUT, STANDING, Lane, Standing
from properties.selectors import hotel_by_id

from .permissions import Permission
from .selectors.cards import MessageRow, inbox_rows


def declare() -> None:
    """Fill our lane into its slot, and say where our pages are; called once when the app is ready."""
    slots.register(STANDING, slots.Entry(code="channels", provider=lanes, right=Permission.CHANNEL_VIEW))
    slots.register(ABOUT, slots.Entry(code="channel_message", provider=_message, right=Permission.CHANNEL_VIEW))
    slots.register(ABOUT, slots.Entry(code="channel_connection", provider=_channels, right=Permission.CHANNEL_VIEW))


def lanes(audience: Audience) -> list[Lane]:
    """Return one lane with the messages that call for a person, newest first; none without any."""
    hotel = hotel_by_id(audience.property_id)
    lines = [_line(row) for row in inbox_rows(hotel, audience, show="attention")]
    return [Lane(_("Channels: messages that came in"), lines, len(lines))] if lines else []


def _line(row: MessageRow) -> Standing:
    return Standing(
        key=str(row.pk),
        what=f"{row.channel} · {row.number}",
        why=", ".join([row.sign.words, *row.more]),
        since=row.at,
        parked=True,
        url=reverse("channel_manager:open_message", args=[row.hotel_code, row.pk]),
    )


def _message(code: str, pk: object) -> str:
    return reverse("channel_manager:open_message", args=[code, pk])


def _channels(code: str, _pk: object) -> str:
    return reverse("channel_manager:list_channels", args=[code])
