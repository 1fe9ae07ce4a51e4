"""Sales for tests: a hotel with prices and open nights, and bookings made by the real services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from properties.models import Property, RoomType
from reservations.drafts import ExternalRef, GuestDraft, StayDraft
from reservations.models import Booking, RatePlan, Reservation
from reservations.seed import trial_sales
from reservations.services.bookings import booking_create


def open_for_sale(hotel: Property, *, nights: int = 60) -> Property:
    """Give the hotel the trial hotel's taxes, plans (BAR, BB), prices and `nights` open nights; return it."""
    trial_sales(hotel, horizon=dt.timedelta(days=nights))
    return hotel


def make_stay(
    *,
    hotel: Property,
    room_type: str = "DBL",
    rate_plan: str = "BAR",
    arrival: dt.date | None = None,
    nights: int = 1,
    adults: int = 1,
    **fields: Any,
) -> StayDraft:
    """Return the draft of a stay; it arrives on the business date unless told otherwise."""
    begin = arrival or hotel.business_date
    return StayDraft(
        arrival=begin,
        departure=begin + dt.timedelta(days=nights),
        room_type_id=RoomType.objects.get(property=hotel, code=room_type).pk,
        rate_plan_id=RatePlan.objects.get(property=hotel, code=rate_plan).pk,
        adults=adults,
        **fields,
    )


def make_booking(
    *,
    hotel: Property,
    rooms: int = 1,
    name: str = "Jordi Martí",
    forced: bool = False,
    external_ref: ExternalRef | None = None,
    **stay: Any,
) -> Booking:
    """Book `rooms` equal stays for one booker."""
    first, _, last = name.rpartition(" ")
    return booking_create(
        hotel=hotel,
        booker=GuestDraft(last_name=last, first_name=first),
        stays=[make_stay(hotel=hotel, **stay)] * rooms,
        forced=forced,
        external_ref=external_ref,
    )


def make_reservation(*, hotel: Property, **options: Any) -> Reservation:
    """Book one stay and return its reservation."""
    return make_booking(hotel=hotel, **options).reservations.get()
