"""Reads of closed rooms: which are out of order or out of service, when, and who is in the way."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pms.accounts.access import fetch
from pms.core.errors import NotThere
from properties.models import Property
from reservations.models import OutOfOrder, RoomAssignment

Nights = tuple[dt.date, dt.date]  # [first, until)


def closed_rooms_of(hotel: Property) -> QuerySet[OutOfOrder]:
    """Return the periods of the hotel that hold or held, those taken back before they began left out."""
    rows: QuerySet[OutOfOrder] = OutOfOrder.objects.filter(property_id=hotel.pk, active=True)
    return rows.select_related("room")


def closed_rooms_shown(hotel: Property) -> QuerySet[OutOfOrder]:
    """Return the periods that are not over yet."""
    return closed_rooms_of(hotel).filter(nights__endswith__gt=hotel.business_date)


def closed_room_for(user: Any, right: str, pk: uuid.UUID, *, hotel: Property) -> OutOfOrder:
    """Return the period `pk` of `hotel` if `user` holds `right` there."""
    rows: QuerySet[OutOfOrder] = OutOfOrder.objects.select_related("room")
    return fetch(rows, user, right, pk=pk, property_id=hotel.pk)


def closed_room_for_update(pk: uuid.UUID, hotel: Property) -> OutOfOrder:
    """Lock the period and return it as it is now. Raises `NotThere`."""
    rows = OutOfOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("room")
    found: OutOfOrder | None = rows.filter(pk=pk, property_id=hotel.pk, active=True).first()
    if found is None:
        raise NotThere(_("That closed room"))
    return found


def closed_room_seen(pk: uuid.UUID, hotel: Property) -> OutOfOrder:
    """Return the period unlocked, to plan which locks an act needs. Raises `NotThere`."""
    found: OutOfOrder | None = closed_rooms_of(hotel).filter(pk=pk).first()
    if found is None:
        raise NotThere(_("That closed room"))
    return found


def periods_in(room_ids: Collection[uuid.UUID], nights: Any) -> QuerySet[OutOfOrder]:
    """Return the periods of these rooms, of either kind, that hold one of the nights."""
    rows: QuerySet[OutOfOrder] = OutOfOrder.objects.filter(room_id__in=room_ids, active=True, nights__overlap=nights)
    return rows.select_related("room").order_by("nights")


def out_of_order_in(room_ids: Collection[uuid.UUID], nights: Any) -> QuerySet[OutOfOrder]:
    """Return when these rooms cannot be given out in one of the nights; out of service is no hindrance."""
    return periods_in(room_ids, nights).filter(kind=OutOfOrder.Kind.OUT_OF_ORDER)


def planned_into(room_id: uuid.UUID, nights: Any) -> list[RoomAssignment]:
    """Return which stays are planned into the room in one of the nights, by date."""
    rows = RoomAssignment.everywhere.filter(room_id=room_id, active=True, nights__overlap=nights)
    return list(rows.select_related("reservation").order_by("nights"))


def periods_over(hotel: Property, day: dt.date) -> list[OutOfOrder]:
    """Return the periods whose last night was the one before `day`."""
    return list(closed_rooms_of(hotel).filter(nights__endswith=day).order_by("room_id"))


def service_states(hotel: Property, room_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return which of these rooms are out of order or out of service on the business date."""
    rows = OutOfOrder.objects.filter(room_id__in=room_ids, active=True, nights__contains=hotel.business_date)
    return dict(rows.values_list("room_id", "kind"))


def periods_of_rooms(room_ids: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return each period of these rooms that counts, with its room."""
    return list(OutOfOrder.objects.filter(room_id__in=room_ids, active=True).values_list("pk", "room_id"))
