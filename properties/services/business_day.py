"""The hotel's own day: who writes by it holds a share of its lock, the roll takes it exclusively."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from pms.core.locks import Lock, lock_exclusive, lock_shared
from pms.events.publish import publish
from properties.errors import BusinessDateTooFarAhead
from properties.events import BusinessDateRolled
from properties.models import Property
from properties.selectors import business_date_of, hotel_for_update

from .room_type_spans import rooms_turn_type

ONE_DAY = dt.timedelta(days=1)


def business_day_shared(*, property_id: uuid.UUID) -> dt.date:
    """Hold the business day open to the end of this transaction and return it; the first lock of any act (ADR 0004).

    While anybody holds a share the day cannot roll, so whatever is stamped with the date belongs to it.
    """
    lock_shared(Lock.BUSINESS_DAY, property_id)
    return business_date_of(property_id)  # read after the lock: a roll may just have ended


@transaction.atomic
def business_date_roll(*, hotel: Property) -> Property:
    """Move the hotel's day forward by one, once everybody who writes by the old one is done.

    Raises `BusinessDateTooFarAhead` when the new date would lie beyond tomorrow by the hotel's calendar.
    """
    lock_exclusive(Lock.BUSINESS_DAY, hotel.pk)
    hotel = hotel_for_update(hotel.pk)
    old, new = hotel.business_date, hotel.business_date + ONE_DAY
    local_date = hotel.local_now().date()
    if new > local_date + ONE_DAY:
        raise BusinessDateTooFarAhead(business_date=old.isoformat(), local_date=local_date.isoformat())
    hotel.business_date = new
    hotel.save()
    rooms_turn_type(hotel=hotel)
    publish(
        BusinessDateRolled(
            property_id=hotel.pk,
            business_date=new,
            version=hotel.version,
            changes={"business_date": (old.isoformat(), new.isoformat())},
        )
    )
    return hotel
