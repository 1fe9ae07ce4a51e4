"""Every object of the public API that a PATCH changes, with two fields that two people change in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from properties.models import Property, Room, RoomType
from reservations.models import Booking, OutOfOrder, RatePlan, Reservation
from reservations.services.out_of_order import out_of_order_set
from tests.factories.reservations import make_reservation


@dataclass(frozen=True)
class Patched:
    """An object: `fields` of it with two values each, `cleared` one that null empties (and what stands there then).

    `event` is what partners read of a change of the first field.
    """

    fields: Mapping[str, tuple[Any, Any]]
    event: str
    scope: str
    cleared: tuple[str, Any, Any] | None = None

    @property
    def names(self) -> tuple[str, str]:
        """Return the two fields."""
        one, other, *_ = self.fields
        return one, other


PATCHED: Mapping[str, Patched] = {
    "property": Patched(
        {"name": ("Seaside", "Lakeside"), "phone": ("+49 1", "+49 2")},
        "property.settings_changed",
        "properties.write",
        cleared=("website", "https://sea.example", ""),
    ),
    "room_type": Patched(
        {"name": ("Twin", "Double bed"), "max_children": (2, 3)},
        "room_type.changed",
        "rooms.manage",
        cleared=("max_occupancy", 4, None),
    ),
    "room": Patched(
        {"number": ("111", "112"), "floor": ("3", "4")}, "room.changed", "rooms.manage", cleared=("floor", "7", "")
    ),
    "rate_plan": Patched(
        {"name": ("Flexible", "Free"), "meal_plan": ("breakfast", "half_board")}, "rate_plan.changed", "rates.write"
    ),
    "booking": Patched(
        {"source": ("phone", "fax"), "notes": ("Dog", "Cat")},
        "booking.changed",
        "reservations.write",
        cleared=("notes", "Dog", ""),
    ),
    "out_of_order": Patched(
        {"return_condition": ("clean", "touch_up"), "reason": ("Paint", "Carpet")},
        "out_of_order.changed",
        "rooms.close",
    ),
}
# What a PATCH changes and has one field only, so that nothing can be merged; tests/api/reservations has it.
ONE_FIELD = {"reservations/{reservation_id}"}


def addresses(hotel: Property) -> dict[str, str]:
    """Return the address of one row of each kind of the hotel; there is a stay in it."""
    stay: Reservation = make_reservation(hotel=hotel)
    return {
        "property": f"/api/v1/properties/{hotel.code}",
        "room_type": f"room-types/{RoomType.objects.get(property=hotel, code='DBL').pk}",
        "room": f"rooms/{Room.objects.get(property=hotel, number='101').number}",
        "rate_plan": f"rate-plans/{RatePlan.objects.get(property=hotel, code='BAR').pk}",
        "booking": f"bookings/{Booking.objects.get(reservations=stay).pk}",
        "out_of_order": f"out-of-order/{_closed(hotel).pk}",
    }


def _closed(hotel: Property) -> OutOfOrder:
    """Return the room that is closed for a night to come."""
    if (closed := OutOfOrder.objects.filter(property=hotel).first()) is not None:
        return closed
    night = hotel.business_date + dt.timedelta(days=9)
    return out_of_order_set(
        hotel=hotel,
        room_id=Room.objects.get(property=hotel, number="102").pk,
        kind=OutOfOrder.Kind.OUT_OF_ORDER,
        first=night,
        last=night,
        reason="Shower",
    )
