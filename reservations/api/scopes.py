"""What a partner's token may be good for around selling, and which rights each scope stands for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pms.api import scopes
from properties.permissions import Permission as HotelPermission
from reservations.permissions import Permission

SEE = [Permission.RESERVATION_VIEW]

scopes.register(
    "rates.read", rights=[Permission.RATE_VIEW], label=_("Read rate plans, prices, availability and offers")
)
scopes.register(
    "rates.write", rights=[Permission.RATE_VIEW, Permission.RATE_CHANGE], label=_("Set prices and change rate plans")
)
scopes.register("guests.read", rights=[Permission.GUEST_VIEW], label=_("See who the guests are, wherever they stand"))
scopes.register("reservations.read", rights=SEE, label=_("Read bookings and reservations"))
scopes.register(
    "reservations.write",
    rights=[*SEE, Permission.RESERVATION_BOOK, Permission.RESERVATION_CHANGE, Permission.GUEST_CHANGE],
    label=_("Book and change reservations"),
)
scopes.register("reservations.cancel", rights=[*SEE, Permission.RESERVATION_CANCEL], label=_("Cancel reservations"))
scopes.register("reservations.assign", rights=[*SEE, Permission.RESERVATION_ASSIGN], label=_("Assign rooms"))
scopes.register("reservations.check_in", rights=[*SEE, Permission.RESERVATION_CHECK_IN], label=_("Check guests in"))
scopes.register("reservations.check_out", rights=[*SEE, Permission.RESERVATION_CHECK_OUT], label=_("Check guests out"))
scopes.register("reservations.overbook", rights=[*SEE, Permission.OVERBOOK], label=_("Sell beyond the limit"))
scopes.register(
    "reservations.override", rights=[*SEE, Permission.ROOM_OVERRIDE], label=_("Check in to a room that is not ready")
)

scopes.register(
    "rooms.close",
    rights=[HotelPermission.ROOM_VIEW, Permission.ROOM_CLOSE],
    label=_("Take rooms out of order and open them again"),
)

scopes.register_object("out_of_order", "rooms.read")
scopes.register_object("booking", "reservations.read")
scopes.register_object("reservation", "reservations.read")
scopes.register_object("rate_plan", "rates.read")
scopes.register_object("rates", "rates.read")
scopes.register_object("availability", "rates.read")
