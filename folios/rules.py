"""Why an act is not possible now: asked by the services, and by page and API to say so beforehand."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.utils import timezone

from pms.core.errors import DomainError
from properties.errors import BusinessDateTooFarAhead
from properties.models import Property

from .errors import AuditTooEarly

NOON = dt.time(12)
ONE_DAY = timedelta(days=1)


def against_closing(hotel: Property) -> list[DomainError]:
    """Return why the business date cannot be closed at this moment, as far as the clock knows."""
    local_date = hotel.local_now().date()
    if hotel.business_date > local_date:
        return [
            BusinessDateTooFarAhead(business_date=hotel.business_date.isoformat(), local_date=local_date.isoformat())
        ]
    due = audit_due_at(hotel)
    return [AuditTooEarly(due_at=due)] if timezone.now() < due else []


def audit_due_at(hotel: Property) -> dt.datetime:
    """Return when the hotel's day is due to be closed, by its wall clock; earlier needs a right of its own.

    An hour after noon belongs to the business date itself, one before noon to the calendar day after it.
    """
    day = hotel.business_date + (ONE_DAY if hotel.audit_time < NOON else timedelta(0))
    return first_instant(dt.datetime.combine(day, hotel.audit_time), hotel)


def first_instant(wall: dt.datetime, hotel: Property) -> dt.datetime:
    """Return the moment at which the hotel's wall clock first shows `wall`, or has just jumped over it (domain.md 1).

    A time that exists twice is its first one; one that does not exist is the first valid instant after it.
    """
    zone = hotel.zone
    first = wall.replace(tzinfo=zone).astimezone(dt.UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first.astimezone(zone)
    # The clock jumps: it does so between the two moments that the offsets before and after it would give.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    after = first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0).astimezone(zone)
