"""What may be shown whole beside stays, bookings and what belongs to them (`?expand=booking,room_type`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pms.api.calls import Call
from pms.api.expansions import Expansion, by_id
from properties.api.expansions import ROOM, ROOM_TYPE
from reservations.permissions import Permission
from reservations.selectors.partners import bookings_shown, rate_plans_shown, stays_shown

from .actions import with_actions
from .serializers import BookingOutput, RatePlanOutput, ReservationOutput


def _bookings(call: Call, ids: Sequence[str]) -> Mapping[str, Any]:
    return by_id(bookings_shown(call.hotel).filter(pk__in=ids))


def _rate_plans(call: Call, ids: Sequence[str]) -> Mapping[str, Any]:
    return by_id(rate_plans_shown(call.hotel).filter(pk__in=ids))


def _stays(call: Call, ids: Sequence[str]) -> Mapping[str, Any]:
    found = list(stays_shown(call.hotel).filter(pk__in=ids))
    with_actions(call.hotel, found)
    return by_id(found)


BOOKING = Expansion(_bookings, BookingOutput, "reservations.read", Permission.RESERVATION_VIEW)
RATE_PLAN = Expansion(_rate_plans, RatePlanOutput, "rates.read", Permission.RATE_VIEW)
STAY = Expansion(_stays, ReservationOutput, "reservations.read", Permission.RESERVATION_VIEW)
STAYS = Expansion(_stays, ReservationOutput, "reservations.read", Permission.RESERVATION_VIEW, many=True)

OF_STAY = {"booking": BOOKING, "room_type": ROOM_TYPE, "rate_plan": RATE_PLAN, "room": ROOM}
OF_BOOKING = {"reservations": STAYS}
