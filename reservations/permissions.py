"""Rights around selling: guests, rates, availability, reservations; and which standard roles hold them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """What a person may see or do here."""

    RESERVATION_VIEW = "reservation_view", _("See reservations")
    RESERVATION_BOOK = "reservation_book", _("Book")
    RESERVATION_CHANGE = "reservation_change", _("Change a reservation")
    RESERVATION_CANCEL = "reservation_cancel", _("Cancel")
    RESERVATION_ASSIGN = "reservation_assign", _("Assign rooms")
    RESERVATION_CHECK_IN = "reservation_check_in", _("Check in")
    RESERVATION_CHECK_OUT = "reservation_check_out", _("Check out")
    ROOM_OVERRIDE = "room_override", _("Check in to a room that is not ready")
    OVERBOOK = "overbook", _("Sell beyond the limit")
    GUEST_VIEW = "guest_view", _("See guests")
    GUEST_CHANGE = "guest_change", _("Change guests")
    RATE_VIEW = "rate_view", _("See rates and availability")
    RATE_CHANGE = "rate_change", _("Change rates")


_DESK = {
    Permission.RESERVATION_VIEW,
    Permission.RESERVATION_BOOK,
    Permission.RESERVATION_CHANGE,
    Permission.RESERVATION_CANCEL,
    Permission.RESERVATION_ASSIGN,
    Permission.RESERVATION_CHECK_IN,
    Permission.RESERVATION_CHECK_OUT,
    Permission.GUEST_VIEW,
    Permission.GUEST_CHANGE,
    Permission.RATE_VIEW,
}
_READ = {Permission.RESERVATION_VIEW, Permission.GUEST_VIEW, Permission.RATE_VIEW}

ROLES = {
    "manager": set(Permission),
    "front_desk": _DESK,
    "reservations": _DESK - {Permission.RESERVATION_CHECK_IN, Permission.RESERVATION_CHECK_OUT},
    "accountant": _READ,
    "revenue": {*_READ, Permission.RATE_CHANGE, Permission.OVERBOOK},
    "auditor": _READ,
}
