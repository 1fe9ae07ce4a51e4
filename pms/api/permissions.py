"""Rights of the API kernel."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What the kernel itself asks for."""

    EVENTS_READ = "events_read", _("Read the feed of events")


ROLES = {"manager": set(Permission)}

# What only shows something; every other right changes something.
READS = {Permission.EVENTS_READ}
EXPLAINED = {
    Permission.EVENTS_READ: _("For programs: everything that happens, one event after the other."),
}
