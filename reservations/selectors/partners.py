"""Reads for the public API: stays with everything their answer shows, and what can be done with them now."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from properties.models import Property, Room
from reservations.models import Booking, RatePlan, Reservation, RoomTypeNight

from .stays import reservations_of


@dataclass(frozen=True, slots=True)
class StockRow:
    """One room type (None: the house) in one night, with what can be sold of it."""

    id: int
    place: str
    room_type_id: uuid.UUID | None
    night: dt.date
    physical: int
    out_of_order: int
    sold: int
    block: int
    hold: int
    bound: int
    limit: int
    available: int
    sellable: int


def stays_shown(hotel: Property) -> QuerySet[Reservation]:
    """Return the hotel's stays with nights, people and rooms, in a fixed number of queries."""
    return reservations_of(hotel).prefetch_related("nights")


def bookings_shown(hotel: Property) -> QuerySet[Booking]:
    """Return the hotel's bookings with the booker and the stays."""
    return Booking.objects.filter(property_id=hotel.pk).select_related("booker").prefetch_related("reservations")


def rate_plans_shown(hotel: Property) -> QuerySet[RatePlan]:
    """Return the rate plans in use."""
    return RatePlan.objects.filter(property_id=hotel.pk, archived_at=None)


def stock_rows(
    hotel: Property, *, first: dt.date, last: dt.date, room_type_id: uuid.UUID | None = None
) -> list[StockRow]:
    """Return the counters of the nights from `first` to `last`, each night's types by rank and then the house."""
    found = list(
        RoomTypeNight.objects.filter(property_id=hotel.pk, night__range=(first, last)).select_related("room_type")
    )
    house = {row.night: row.available for row in found if row.room_type_id is None}
    return [
        _stock_row(row, house.get(row.night, 0))
        for row in found
        if room_type_id is None or row.room_type_id == room_type_id
    ]


def _stock_row(row: RoomTypeNight, house: int) -> StockRow:
    kind = row.room_type
    return StockRow(
        id=row.pk,
        place=f"{kind.rank:05}{kind.code}" if kind else "~house",
        room_type_id=row.room_type_id,
        night=row.night,
        physical=row.physical,
        out_of_order=row.out_of_order,
        sold=row.sold,
        block=row.block,
        hold=row.hold,
        bound=row.bound,
        limit=row.limit,
        available=row.available,
        sellable=max(0, min(row.available, house)),
    )


def room_numbered(hotel: Property, number: str) -> Room | None:
    """Return the room of the hotel with this number, if there is one in use."""
    return Room.objects.filter(property_id=hotel.pk, number=number, archived_at=None).first()
