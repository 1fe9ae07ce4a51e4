"""Sentences of the channels: what a message says is read on its own page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from channel_manager.channels.registry import profiles
from channel_manager.models import ChannelConnection
from channel_manager.permissions import Permission
from channel_manager.selectors.cards import REASONS
from pms.live.fragments import Audience

from .lines import Happening, Line, quiet, say

PARKED, FAILED, HEALED = "channel_message.parked", "channel_connection.failed", "channel_connection.healed"


def declare() -> None:
    """Say what the events of channels mean; called once when the app is ready."""
    say(channels, PARKED, FAILED, HEALED, right=Permission.CHANNEL_VIEW)
    say(
        quiet,
        "channel_message.received",
        "channel_message.applied",
        "channel_message.acknowledged",
        "channel_message.settled",
        "channel_availability.sent",
    )


def channels(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about channels, in one query."""
    ids = {event.key: _connection(event) for event in events}
    found = ChannelConnection.objects.filter(pk__in=[pk for pk in ids.values() if pk])
    kinds = {connection.pk: connection.kind for connection in found}
    names = {profile.kind: profile.name for profile in profiles()}
    lines = {}
    for event in events:
        kind = kinds.get(pk) if (pk := ids[event.key]) else None
        lines[event.key] = _line(event, names.get(kind, kind) if kind else _("A channel"))
    return lines


def _connection(event: Happening) -> uuid.UUID | None:
    return event.uuid("connection_id") or (event.object_id if event.code != PARKED else None)


def _line(event: Happening, channel: str) -> Line:
    if event.code == PARKED:
        reasons = ", ".join(str(REASONS.get(reason, reason)) for reason in event.payload.get("reasons", ()))
        facts = {"channel": channel, "reasons": reasons or "–"}
        url = (
            reverse("channel_manager:open_message", args=[event.hotel_code, event.object_id]) if event.object_id else ""
        )
        return Line(_("%(channel)s: a message needs attention (%(reasons)s)") % facts, url, "waypoints", "red")
    url = reverse("channel_manager:list_channels", args=[event.hotel_code])
    if event.code == FAILED:
        text = _("%s stopped answering; it is tried again by itself") % channel
        return Line(text, url, "plug-zap", "red")
    return Line(_("%s answers again") % channel, url, "waypoints", "green")
