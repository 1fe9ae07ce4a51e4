"""Acts on one stay before the guest arrives: give it a room, take it away, cancel. Acts re-judge under lock.

Lock order (docs/adr/0004-lock-order.md): business day → inventory → room → reservation.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.utils import timezone

from pms.core.db_errors import on_constraint
from pms.core.errors import DomainError
from pms.events.publish import publish
from properties.models import Property, Room
from reservations import rules
from reservations.errors import ReservationMoved, RoomTaken
from reservations.events import ReservationAssigned, ReservationCancelled, ReservationUnassigned
from reservations.models import Reservation, ReservationNight, RoomAssignment
from reservations.models.assignments import ROOM_ONCE
from reservations.selectors.stays import assignments_of, reservation_for_update, room_locked_for_update

from .day import day_held_open
from .inventory import Move, inventory_move

Status = Reservation.Status


@transaction.atomic
def reservation_assign_room(*, hotel: Property, reservation_id: uuid.UUID, room_id: uuid.UUID) -> Reservation:
    """Plan the stay into a room for all its nights that are still open, instead of any room it had.

    A room of another type moves the stock along: the stay then takes the other type's counter, the type that was
    booked stays written on each night (domain.md, scenario 12). Raises `RoomTaken`, `NotAvailable`, `WrongState`.
    """
    hotel = day_held_open(hotel)
    seen = Reservation.objects.get(pk=reservation_id, property_id=hotel.pk)
    room = Room.objects.select_related("room_type").get(pk=room_id, property_id=hotel.pk)
    first = max(seen.arrival, hotel.business_date)
    # Asked before the stock moves: "taken by AB12-1" says more than "no suite left". Asked again under the lock.
    _refuse_taken(room, seen, first)
    _move_stock(hotel, seen, room)
    room = room_locked_for_update(room_id, hotel)
    reservation = reservation_for_update(reservation_id)
    if (reservation.arrival, reservation.departure, reservation.status) != (seen.arrival, seen.departure, seen.status):
        raise ReservationMoved("Somebody changed this stay just now. No room was assigned; look at it again.")
    refuse(rules.against_assigning(reservation))
    _refuse_taken(room, reservation, first)
    _end_assignments(reservation)
    nights = DateRange(first, reservation.departure)
    RoomAssignment(property=hotel, reservation=reservation, room=room, nights=nights).save()
    _note_type(reservation, room, first)
    publish(
        ReservationAssigned(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            room_id=room.pk,
            changes={"room": (None, room.number)},
        )
    )
    return reservation


@transaction.atomic
def reservation_unassign_room(*, hotel: Property, reservation_id: uuid.UUID) -> Reservation:
    """Take the planned room away from a stay that has not arrived; the stock goes back to the type it booked."""
    hotel = day_held_open(hotel)
    seen = Reservation.objects.get(pk=reservation_id, property_id=hotel.pk)
    _move_stock(hotel, seen, None)
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_unassigning(reservation))
    _end_assignments(reservation)
    _note_type(reservation, None, max(reservation.arrival, hotel.business_date))
    publish(
        ReservationUnassigned(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
        )
    )
    return reservation


@transaction.atomic
def reservation_cancel(*, hotel: Property, reservation_id: uuid.UUID, reason: str) -> Reservation:
    """Give a stay up before its arrival; its nights can be sold again at once. Raises `WrongState`."""
    hotel = day_held_open(hotel)
    seen = Reservation.objects.get(pk=reservation_id, property_id=hotel.pk)
    inventory_move(hotel=hotel, moves=_releases(seen))
    reservation = reservation_for_update(reservation_id)
    if reservation.version != seen.version or reservation.status != seen.status:
        raise ReservationMoved("Somebody changed this stay just now. Nothing was cancelled; look at it again.")
    refuse(rules.against_cancelling(reservation))
    _end_assignments(reservation)
    ReservationNight.objects.filter(reservation=reservation).update(counted=False)
    before = reservation.status
    reservation.status = Status.CANCELLED
    reservation.cancelled_at = timezone.now()
    reservation.cancel_reason = reason.strip()[:200]
    reservation.save()
    publish(
        ReservationCancelled(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            changes={"status": (before, reservation.status)},
        )
    )
    return reservation


def refuse(reasons: Sequence[DomainError], *, accepted: Collection[str] = ()) -> None:
    """Raise the first reason whose code was not accepted; an edge accepts only what the person may override."""
    for reason in reasons:
        if reason.code not in accepted:
            raise reason


def _move_stock(hotel: Property, seen: Reservation, room: Room | None) -> None:
    """Move the counters of the open nights to the type of `room` (None: back to the booked type)."""
    moves = []
    for night in ReservationNight.objects.filter(reservation=seen, counted=True, night__gte=hotel.business_date):
        wanted = room.room_type_id if room else night.booked_type_id
        if wanted is not None and night.room_type_id is not None and wanted != night.room_type_id:
            moves += [Move(night.room_type_id, night.night, -1), Move(wanted, night.night, 1)]
    inventory_move(hotel=hotel, moves=moves)


def _note_type(reservation: Reservation, room: Room | None, first: dt.date) -> None:
    nights = list(ReservationNight.objects.filter(reservation=reservation, night__gte=first))
    for night in nights:
        night.room_type_id = room.room_type_id if room else night.booked_type_id
    ReservationNight.objects.bulk_update(nights, ["room_type"])


def _releases(seen: Reservation) -> list[Move]:
    nights = ReservationNight.objects.filter(reservation=seen, counted=True)
    return [Move(night.room_type_id, night.night, -1) for night in nights]


def _end_assignments(reservation: Reservation) -> None:
    for assignment in assignments_of(reservation.pk):
        assignment.active = False
        assignment.save()


def _refuse_taken(room: Room, reservation: Reservation, first: dt.date) -> None:
    """Say who has the room, in a kind way; the exclusion constraint stands behind it."""
    other = (
        RoomAssignment.objects.filter(room=room, active=True, nights__overlap=(first, reservation.departure))
        .exclude(reservation=reservation)
        .select_related("reservation")
        .first()
    )
    if other is not None:
        raise _taken(room.number, other.reservation.number)


def _taken(room: str, reservation: str = "") -> RoomTaken:
    whose = f" by {reservation}" if reservation else ""
    return RoomTaken(
        f"Room {room} is taken{whose} in one of these nights. No room was assigned; choose another.",
        room=room,
        reservation=reservation,
    )


on_constraint(ROOM_ONCE, lambda _diagnostics: _taken("", ""))


def room_release_check(*, hotel: Property, room_id: uuid.UUID) -> None:
    """Raise `RoomTaken` if a stay is planned into the room from the business date on."""
    planned = (
        RoomAssignment.objects.filter(room_id=room_id, active=True, nights__endswith__gt=hotel.business_date)
        .select_related("reservation", "room")
        .order_by("nights")
        .first()
    )
    if planned is not None:
        raise _taken(planned.room.number, planned.reservation.number)
