"""What stands on a booking itself, beside its stays: merged, never overwritten."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from pms.events.publish import publish
from properties.models import Property
from properties.services.changes import apply
from reservations.events import BookingChanged
from reservations.models import Booking
from reservations.selectors.stays import booking_for_update

from .day import day_held_open

CHANGEABLE = frozenset({"source", "notes"})
# What people write about guests is told to no partner.
TOLD = frozenset({"source"})


@transaction.atomic
def booking_change(
    *,
    hotel: Property,
    booking_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> Booking:
    """Change source or notes of a booking, merged with what others saved since `seen_version`.

    Raises `NotThere`, `StaleVersion`, `InvalidValue`. Saving what stands there already announces nothing.
    """
    hotel = day_held_open(hotel)
    booking = booking_for_update(booking_id, hotel)
    changes = apply(booking, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals)
    if changes:
        booking.save()
        publish(
            BookingChanged(
                property_id=hotel.pk,
                business_date=hotel.business_date,
                version=booking.version,
                booking_id=booking.pk,
                changes={name: pair for name, pair in changes.items() if name in TOLD},
            )
        )
    return booking
