"""The nights of a stay with what they consist of, as they were sold."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal

from reservations.models import ReservationNight
from reservations.pricing import Part, PricedNight


def priced_night(night: ReservationNight) -> PricedNight:
    """Return a stored night in the form in which prices are computed."""
    parts = (Part(part["code"], Decimal(part["amount"]), part["tax_code"]) for part in night.parts)
    return PricedNight(night.night, tuple(parts))


def nights_of(reservation_id: uuid.UUID) -> list[ReservationNight]:
    """Return the nights of a stay in order, with their types and plans."""
    nights = ReservationNight.objects.filter(reservation_id=reservation_id)
    return list(nights.select_related("room_type", "booked_type", "rate_plan").order_by("night"))


def priced_nights(nights: Iterable[ReservationNight]) -> list[PricedNight]:
    """Return stored nights in the form in which prices are computed."""
    return [priced_night(night) for night in nights]
