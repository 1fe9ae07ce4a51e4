"""Reads of reservations, bookings and assignments; the locked reads of the services are here too."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from pms.accounts.access import fetch
from pms.core.errors import NotThere
from properties.models import Property, Room
from properties.selectors import room_family_for_update
from reservations.models import Booking, OutOfOrder, Reservation, ReservationNight, RoomAssignment, RoomTypeNight


def reservations_of(hotel: Property) -> QuerySet[Reservation]:
    """Return the hotel's reservations with what every list shows, in a fixed number of queries."""
    return (
        Reservation.objects.filter(property_id=hotel.pk)
        .select_related("booking", "guest", "room_type", "rate_plan")
        .prefetch_related(
            Prefetch(
                "assignments",
                queryset=RoomAssignment.objects.filter(active=True)
                .select_related("room__room_type")
                .order_by("nights"),
                to_attr="active_assignments",
            )
        )
    )


def reservation_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> Reservation:
    """Return the reservation if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: Reservation = fetch(reservations_of(hotel), user, right, pk=pk)
    return found


def booking_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> Booking:
    """Return the booking if `user` holds `right` at its hotel."""
    rows = Booking.objects.filter(property_id=hotel.pk).select_related("booker").prefetch_related("reservations")
    found: Booking = fetch(rows, user, right, pk=pk)
    return found


def booking_for_update(pk: uuid.UUID, hotel: Property) -> Booking:
    """Lock the booking of the hotel and return it as it is now. Raises `NotThere`."""
    rows = Booking.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk, property_id=hotel.pk)
    found: Booking | None = rows.first()
    if found is None:
        raise NotThere(_("That booking"))
    return found


def booking_number_taken(number: str) -> bool:
    """Tell whether a booking of the installation has this number."""
    return Booking.objects.filter(number=number).exists()


def reservation_for_update(pk: uuid.UUID) -> Reservation:
    """Lock the reservation and return it as it is now. Raises `NotThere`."""
    row = Reservation.objects.select_for_update(no_key=True, of=("self",)).select_related("property").filter(pk=pk)
    found: Reservation | None = row.first()
    if found is None:
        raise NotThere(_("That reservation"))
    return found


def reservation_seen(pk: uuid.UUID, hotel: Property) -> Reservation:
    """Return the reservation of the hotel unlocked, to plan which locks an act needs. Raises `NotThere`."""
    row = Reservation.objects.select_related("property").filter(pk=pk, property_id=hotel.pk)
    found: Reservation | None = row.first()
    if found is None:
        raise NotThere(_("That reservation"))
    return found


def nights_counted(reservation: Reservation) -> list[ReservationNight]:
    """Return the nights of the stay that stand in the inventory, by date; they change only under its lock."""
    return list(ReservationNight.objects.filter(reservation=reservation, counted=True).order_by("night"))


def nights_open(hotel: Property) -> list[dt.date]:
    """Return the nights that are open for sale from the business date on."""
    nights = RoomTypeNight.objects.filter(property_id=hotel.pk, room_type=None, night__gte=hotel.business_date)
    return list(nights.order_by("night").values_list("night", flat=True))


def stays_in_the_way(hotel: Property, room_type_id: uuid.UUID | None, night: dt.date) -> list[Reservation]:
    """Return the stays that hold a room of the type (None: of the house) in this night and have none yet.

    Those booked last come first: whoever takes a room away decides about them.
    """
    held = ReservationNight.objects.filter(property_id=hotel.pk, night=night, counted=True)
    if room_type_id is not None:
        held = held.filter(room_type_id=room_type_id)
    placed = RoomAssignment.objects.filter(property_id=hotel.pk, active=True, nights__contains=night)
    stays = Reservation.objects.filter(pk__in=held.values("reservation_id"))
    return list(stays.exclude(pk__in=placed.values("reservation_id")).order_by("-created_at", "-pk"))


def nights_given_back(reservation: Reservation, hotel: Property) -> list[ReservationNight]:
    """Return the nights from the business date on that a guest who left on the day of arrival gave back."""
    if reservation.status != Reservation.Status.CHECKED_OUT:
        return []
    nights = ReservationNight.objects.filter(reservation=reservation, night__gte=hotel.business_date, counted=False)
    return list(nights.order_by("night"))


def room_seen(pk: uuid.UUID, hotel: Property) -> Room:
    """Return a room in use of the hotel, unlocked. Raises `NotThere`."""
    return _room(Room.objects.select_related("room_type"), pk, hotel)


def room_locked_for_update(pk: uuid.UUID, hotel: Property) -> Room:
    """Lock a room of the hotel and return it as it is now. Raises `NotThere`."""
    room = room_family_for_update(pk)[0]  # with its parts, or its whole: they change with it, locked in one order
    if room.property_id != hotel.pk or room.archived_at is not None:
        raise NotThere(_("That room"))
    return room


def _room(rooms: QuerySet[Room], pk: uuid.UUID, hotel: Property) -> Room:
    found: Room | None = rooms.filter(pk=pk, property_id=hotel.pk, archived_at=None).first()
    if found is None:
        raise NotThere(_("That room"))
    return found


def assignments_of(reservation_id: uuid.UUID) -> list[RoomAssignment]:
    """Return the active assignments of a stay, by date."""
    return list(
        RoomAssignment.objects.filter(reservation_id=reservation_id, active=True)
        .select_related("room")
        .order_by("nights")
    )


def assignment_on(reservation_id: uuid.UUID, night: dt.date) -> RoomAssignment | None:
    """Return which room the stay has in the night of `night`."""
    planned = RoomAssignment.objects.filter(reservation_id=reservation_id, active=True, nights__contains=night)
    found: RoomAssignment | None = planned.select_related("room").first()
    return found


def assignment_used(reservation_id: uuid.UUID, night: dt.date) -> RoomAssignment | None:
    """Return the room a guest has, or had, by the night of `night`; one given back at the departure counts too."""
    begun = RoomAssignment.objects.filter(reservation_id=reservation_id, nights__startswith__lte=night)
    used: RoomAssignment | None = begun.select_related("room").order_by("-active", "-nights", "-pk").first()
    return used


def rooms_free(
    *, hotel: Property, first: dt.date, departure: dt.date, room_type_id: uuid.UUID | None = None
) -> list[Room]:
    """Return the rooms that are not out of order and nobody is planned into from `first` until `departure`, in order.

    With a type only those that are of it in the first night.
    """
    taken = RoomAssignment.everywhere.filter(
        property_id=hotel.pk, active=True, nights__overlap=(first, departure)
    ).values("room_id")
    closed = OutOfOrder.objects.filter(
        property_id=hotel.pk, active=True, kind=OutOfOrder.Kind.OUT_OF_ORDER, nights__overlap=(first, departure)
    ).values("room_id")
    used = Q(pk__in=taken) | Q(pk__in=closed)
    broken = Room.objects.filter(used, property_id=hotel.pk).exclude(part_of=None).values("part_of_id")
    rooms = Room.objects.filter(property_id=hotel.pk, archived_at=None).exclude(used).exclude(pk__in=broken)
    if room_type_id:
        then = Q(type_spans__days__contains=first, type_spans__room_type_id=room_type_id)
        rooms = rooms.filter(then | Q(room_type_id=room_type_id, type_spans=None))
    return list(rooms.select_related("room_type").order_by("sort_key"))
