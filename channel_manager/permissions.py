"""Rights around channels, and which standard roles hold them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a person may see or do here."""

    CHANNEL_VIEW = "channel_view", _("See channels and their messages")
    CHANNEL_MANAGE = "channel_manage", _("Connect channels and map them")


_SEE = {Permission.CHANNEL_VIEW}

ROLES = {
    "manager": set(Permission),
    "front_desk": _SEE,
    "reservations": _SEE,
    "revenue": set(Permission),
    "auditor": _SEE,
}

# What only shows something; every other right changes something.
READS = {Permission.CHANNEL_VIEW}
# Nobody holds these without a second step at sign-in.
GUARDED = {Permission.CHANNEL_MANAGE}
EXPLAINED = {
    Permission.CHANNEL_VIEW: _("Which booking sites are connected, what they sent and what they were told."),
    Permission.CHANNEL_MANAGE: _("Connect and disconnect booking sites, map rooms and rates, send messages again."),
}
