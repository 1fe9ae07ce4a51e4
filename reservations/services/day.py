"""The first lock of every act: the business day is held open while it works."""

from __future__ import annotations

from properties.models import Property
from properties.selectors import hotel_by_id
from properties.services import business_day_shared


def day_held_open(hotel: Property) -> Property:
    """Hold the hotel's business day open to the end of the transaction, and return the hotel as it is now."""
    business_day_shared(property_id=hotel.pk)
    return hotel_by_id(hotel.pk)
