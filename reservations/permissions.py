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
    ROOM_CLOSE = "room_close", _("Take rooms out of order")
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
    "housekeeping_supervisor": {Permission.ROOM_CLOSE},
    "maintenance": {Permission.ROOM_CLOSE},
}

# What only shows something; every other right changes something.
READS = {Permission.RESERVATION_VIEW, Permission.GUEST_VIEW, Permission.RATE_VIEW}
GUARDED: set[Permission] = set()  # none needs a second step at sign-in
EXPLAINED = {
    Permission.RESERVATION_VIEW: _(
        "Lists, the room plan and every stay; guests by name only together with “See guests”."
    ),
    Permission.RESERVATION_BOOK: _("New bookings and walk-ins."),
    Permission.RESERVATION_CHANGE: _("Dates, room type, notes."),
    Permission.RESERVATION_CANCEL: _("A whole booking or one of its stays."),
    Permission.RESERVATION_ASSIGN: _("Give, change and take back rooms, also on the room plan."),
    Permission.RESERVATION_CHECK_IN: _("And take a check-in back."),
    Permission.RESERVATION_CHECK_OUT: _("And take a check-out back."),
    Permission.ROOM_OVERRIDE: _("A dirty room, or one that was not inspected, when the guest waits."),
    Permission.ROOM_CLOSE: _("And out of service, for how long, and open them again."),
    Permission.OVERBOOK: _("Sell a night of which nothing is left."),
    Permission.GUEST_VIEW: _("Names, addresses, telephone numbers and mail."),
    Permission.GUEST_CHANGE: _("Correct names and addresses."),
    Permission.RATE_VIEW: _("Prices, restrictions and what is left to sell."),
    Permission.RATE_CHANGE: _("Prices and restrictions, for guests and booking sites alike."),
}
