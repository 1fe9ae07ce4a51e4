"""Rights of the hotel itself: its rooms, staff and settings, and which standard roles hold them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a person may see or do here."""

    HOTEL_VIEW = "hotel_view", _("See the hotel")
    HOTEL_CHANGE = "hotel_change", _("Change the hotel's settings")
    STAFF_VIEW = "staff_view", _("See the staff")
    STAFF_CHANGE = "staff_change", _("Invite staff and give roles")
    ROLE_CHANGE = "role_change", _("Change what roles may do")
    ROOM_VIEW = "room_view", _("See rooms and their condition")
    ROOM_MARK = "room_mark", _("Mark a room dirty, clean or for a touch-up")
    ROOM_INSPECT = "room_inspect", _("Mark a room inspected")
    ROOM_CHANGE = "room_change", _("Change room types and rooms")
    AUDIT_VIEW = "audit_view", _("Read the audit log")
    WORK_MANAGE = "work_manage", _("Look after background work that stands still")


EVERYBODY = {Permission.HOTEL_VIEW, Permission.ROOM_VIEW}
ROLES = {
    "manager": set(Permission),
    "front_desk": {*EVERYBODY, Permission.ROOM_MARK},
    "reservations": EVERYBODY,
    "housekeeping_supervisor": {*EVERYBODY, Permission.ROOM_MARK, Permission.ROOM_INSPECT},
    "housekeeper": {*EVERYBODY, Permission.ROOM_MARK},
    "maintenance": EVERYBODY,
    "accountant": EVERYBODY,
    "revenue": EVERYBODY,
    "auditor": {*EVERYBODY, Permission.STAFF_VIEW, Permission.AUDIT_VIEW},
}


# What only shows something; every other right changes something.
READS = {
    Permission.HOTEL_VIEW,
    Permission.STAFF_VIEW,
    Permission.ROOM_VIEW,
    Permission.AUDIT_VIEW,
}
# Nobody holds these without a second step at sign-in.
GUARDED = {Permission.STAFF_CHANGE, Permission.ROLE_CHANGE, Permission.HOTEL_CHANGE}
# The log leaves the house as a file, with the names of guests in it.
OWN_HAND = {Permission.AUDIT_VIEW}
EXPLAINED = {
    Permission.HOTEL_VIEW: _("Its name and its day: without this nobody enters."),
    Permission.HOTEL_CHANGE: _("Name, address, hours and taxes; opens the administration."),
    Permission.STAFF_VIEW: _("Who works here, in which roles, and who was last seen when."),
    Permission.STAFF_CHANGE: _("Only roles that hold nothing beyond one’s own rights."),
    Permission.ROLE_CHANGE: _("This page. Only rights that one holds oneself."),
    Permission.ROOM_VIEW: _("Every room: clean or dirty, vacant or occupied."),
    Permission.ROOM_MARK: _("What housekeeping does all day."),
    Permission.ROOM_INSPECT: _("The supervisor’s word that a room is ready."),
    Permission.ROOM_CHANGE: _("Add, rename and archive them, in the administration."),
    Permission.AUDIT_VIEW: _("Who changed what, when and from where."),
    Permission.WORK_MANAGE: _("Send again what could not be delivered, or give it up and say why."),
}


def right_to_mark(condition: str) -> str:
    """Return the right that marking a room as `condition` asks for: an inspection is a supervisor's word."""
    return Permission.ROOM_INSPECT if condition == "inspected" else Permission.ROOM_MARK
