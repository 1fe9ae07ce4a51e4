"""Rights of the API kernel."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What the kernel itself asks for."""

    EVENTS_READ = "events_read", _("Read the feed of events")
    API_CLIENT_VIEW = "api_client_view", _("See the programs of partners")
    API_CLIENT_CHANGE = "api_client_change", _("Let programs of partners in and shut them out")
    JOB_MANAGE = "job_manage", _("Follow and stop the bulk work of one’s own programs")


ROLES = {
    "manager": set(Permission),
    "front_desk": {Permission.JOB_MANAGE},
    "reservations": {Permission.JOB_MANAGE},
    "housekeeping_supervisor": {Permission.JOB_MANAGE},
    "revenue": {Permission.JOB_MANAGE},
    "auditor": {Permission.API_CLIENT_VIEW},
}

# What only shows something; every other right changes something.
READS = {Permission.EVENTS_READ, Permission.API_CLIENT_VIEW}
# Nobody holds these without a second step at sign-in.
GUARDED = {Permission.API_CLIENT_CHANGE}
EXPLAINED = {
    Permission.EVENTS_READ: _("For programs: everything that happens, one event after the other."),
    Permission.JOB_MANAGE: _("Many prices, bookings or rooms at once, worked through in the background."),
    Permission.API_CLIENT_VIEW: _("Which programs work here, what they may do, when they last did."),
    Permission.API_CLIENT_CHANGE: _("Only with rights one holds oneself; asks for the password again."),
}
