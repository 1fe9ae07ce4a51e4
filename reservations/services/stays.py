"""Acts on one stay before the guest arrives: give it a room, take it away, cancel. Acts re-judge under lock.

Lock order (docs/adr/0004-lock-order.md): business day → inventory → room → reservation.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.core.db_errors import on_constraint
from pms.core.errors import DomainError
from pms.core.templatetags.ui import short_day
from pms.events.publish import publish
from properties.models import Property, Room
from properties.places.selectors import TypeCalendar
from reservations import rules
from reservations.errors import NotAvailable, RoomTaken, WrongState
from reservations.events import ReservationAssigned, ReservationCancelled, ReservationUnassigned
from reservations.models import Reservation, ReservationNight, RoomAssignment
from reservations.models.assignments import ROOM_ONCE
from reservations.selectors.stays import (
    assignments_of,
    nights_counted,
    reservation_for_update,
    reservation_seen,
    room_locked_for_update,
    room_seen,
)

from .assignments import assignment_write
from .closed_rooms import refuse_out_of_order
from .inventory import Move, inventory_move, stock_held

Status = Reservation.Status


@transaction.atomic
def reservation_assign_room(*, hotel: Property, reservation_id: uuid.UUID, room_id: uuid.UUID) -> Reservation:
    """Plan the stay into a room for all its nights that are still open, instead of any room it had.

    A room of another type moves the stock along: the stay then takes the other type's counter, the type that was
    booked stays written on each night (domain.md, scenario 12). The room it has already changes and announces nothing.
    Raises `RoomTaken`, `NotAvailable`, `WrongState`, `NotThere`.
    """
    hotel = stock_held(hotel)
    seen = reservation_seen(reservation_id, hotel)
    room = room_seen(room_id, hotel)
    refuse(rules.against_assigning(seen))
    nights = _nights_open(hotel, seen)
    # Before the stock moves: "taken by AB12-1" says more than "no suite left".
    _refuse_taken(room, seen, nights)
    refuse_out_of_order(room.beds(), nights)
    _move_stock(hotel, seen, room)
    room = room_locked_for_update(room_id, hotel)
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_assigning(reservation))
    before = assignments_of(reservation.pk)
    if [(old.room_id, old.nights) for old in before] == [(room.pk, nights)]:
        return reservation
    _end_assignments(hotel, before)
    planned = RoomAssignment(property=hotel, reservation=reservation, room=room, nights=nights)
    try:
        assignment_write(hotel=hotel, planned=planned)
    except NotAvailable as refusal:
        raise refusal.saying(_needed_whole(room, dt.date.fromisoformat(refusal.facts["night"]))) from refusal
    _note_type(reservation, room, hotel.business_date)
    publish(
        ReservationAssigned(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            room_id=room.pk,
            changes={"room": (before[-1].room.number if before else None, room.number)},
        )
    )
    return reservation


@transaction.atomic
def reservation_unassign_room(*, hotel: Property, reservation_id: uuid.UUID) -> Reservation:
    """Take the planned room away from a stay that has not arrived; the stock goes back to the type it booked.

    A stay without a room changes and announces nothing. Raises `NotAvailable` where the booked type was sold out
    meanwhile, `WrongState`, `NotThere`.
    """
    hotel = stock_held(hotel)
    seen = reservation_seen(reservation_id, hotel)
    refuse(rules.against_unassigning(seen))
    _move_stock(hotel, seen, None)
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_unassigning(reservation))
    before = assignments_of(reservation.pk)
    if not before:
        return reservation
    _end_assignments(hotel, before)
    _note_type(reservation, None, hotel.business_date)
    publish(
        ReservationUnassigned(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            changes={"room": (before[-1].room.number, None)},
        )
    )
    return reservation


@transaction.atomic
def reservation_cancel(*, hotel: Property, reservation_id: uuid.UUID, reason: str) -> Reservation:
    """Give a stay up before its arrival; its nights can be sold again at once. Raises `WrongState`, `NotThere`."""
    hotel = stock_held(hotel)
    held = nights_counted(reservation_seen(reservation_id, hotel))
    inventory_move(hotel=hotel, moves=[Move(night.room_type_id, night.night, -1) for night in held])
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_cancelling(reservation))
    _end_assignments(hotel, assignments_of(reservation.pk))
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


def _nights_open(hotel: Property, reservation: Reservation) -> DateRange:
    """Return the nights of the stay from the business date on. Raises `WrongState` if they are all past."""
    first = max(reservation.arrival, hotel.business_date)
    if first >= reservation.departure:
        raise WrongState(
            _("The last night of %(number)s is past; it cannot get a room. Nothing was changed.")
            % {"number": reservation.number},
            status=reservation.status,
        )
    return DateRange(first, reservation.departure)


def refuse(reasons: Sequence[DomainError], *, accepted: Collection[str] = ()) -> None:
    """Raise the first reason whose code was not accepted; an edge accepts only what the person may override."""
    for reason in reasons:
        if reason.code not in accepted:
            raise reason


def _move_stock(hotel: Property, seen: Reservation, room: Room | None) -> None:
    """Move the counters of the open nights to the type of `room` (None: back to the booked type).

    A night without a type (a channel's booking that is not mapped yet) stands on the house row alone.
    """
    moves = []
    types = TypeCalendar([room] if room else [])
    for night in nights_counted(seen):
        wanted = types.on(room.pk, night.night) if room else night.booked_type_id
        if night.night >= hotel.business_date and wanted != night.room_type_id:
            moves += [Move(night.room_type_id, night.night, -1), Move(wanted, night.night, 1)]
    try:
        inventory_move(hotel=hotel, moves=moves)
    except NotAvailable as refusal:
        raise refusal.saying(_sold_out(room, dt.date.fromisoformat(refusal.facts["night"]))) from refusal


def _sold_out(room: Room | None, night: dt.date) -> str:
    if room is None:
        words = _("The type this stay booked is sold out on %(night)s. It keeps its room; choose another room for it.")
        return words % {"night": short_day(night)}
    words = _(
        "%(type)s is sold out on %(night)s: room %(room)s is needed for another stay. No room was assigned; choose "
        "another."
    )
    return words % {"type": room.room_type.name, "night": short_day(night), "room": room.number}


def _note_type(reservation: Reservation, room: Room | None, first: dt.date) -> None:
    nights = list(ReservationNight.objects.filter(reservation=reservation, night__gte=first))
    types = TypeCalendar([room] if room else [])
    for night in nights:
        night.room_type_id = types.on(room.pk, night.night) if room else night.booked_type_id
    ReservationNight.objects.bulk_update(nights, ["room_type"])


def _needed_whole(room: Room, night: dt.date) -> str:
    words = _(
        "Room %(room)s, or a part of it, is needed for another stay on %(night)s. No room was assigned; choose another."
    )
    return words % {"room": room.number, "night": short_day(night)}


def _end_assignments(hotel: Property, assignments: Iterable[RoomAssignment]) -> None:
    for assignment in assignments:
        assignment.active = False
        assignment_write(hotel=hotel, planned=assignment)


def _refuse_taken(room: Room, reservation: Reservation, nights: DateRange) -> None:
    """Say who has the room, in a kind way; the exclusion constraint stands behind it."""
    other = (
        RoomAssignment.everywhere.filter(room_id__in=room.beds(), active=True, nights__overlap=nights)
        .exclude(reservation=reservation)
        .select_related("reservation", "room", "part_of__room")
        .first()
    )
    if other is None:
        return
    if room.parts and other.room_id != room.pk:
        words = _(
            "Room %(part)s, a part of %(room)s, is taken by %(number)s in one of these nights. No room was assigned; "
            "choose another."
        )
        raise _taken_with(words, part=other.room.number, room=room.number, number=other.reservation.number)
    if other.part_of is not None:
        words = _(
            "Room %(part)s is a part of %(room)s, which is taken by %(number)s in one of these nights. No room was "
            "assigned; choose another."
        )
        raise _taken_with(words, part=room.number, room=other.part_of.room.number, number=other.reservation.number)
    raise _taken(room.number, other.reservation.number)


def _taken_with(words: str, *, part: str, room: str, number: str) -> RoomTaken:
    return RoomTaken(words % {"part": part, "room": room, "number": number}, room=room, part=part, reservation=number)


def _taken(room: str, reservation: str = "") -> RoomTaken:
    facts = {"room": room, "number": reservation}
    return RoomTaken(
        _("Room %(room)s is taken by %(number)s in one of these nights. No room was assigned; choose another.") % facts
        if reservation
        else _("Room %(room)s is taken in one of these nights. No room was assigned; choose another.") % facts,
        room=room,
        reservation=reservation,
    )


on_constraint(ROOM_ONCE, lambda _diagnostics: _taken("", ""))


def room_release_check(*, hotel: Property, room_id: uuid.UUID, first: dt.date | None = None) -> None:
    """Raise `RoomTaken` if a stay is planned into the room from the night `first` (default: the business date) on."""
    planned = (
        RoomAssignment.everywhere.filter(
            room_id=room_id, active=True, nights__endswith__gt=first or hotel.business_date
        )
        .select_related("reservation", "room")
        .order_by("nights")
        .first()
    )
    if planned is not None:
        room, stay = planned.room.number, planned.reservation.number
        raise RoomTaken(
            _("Room %(room)s is planned for %(stay)s. The room was not changed; give that stay another room first.")
            % {"room": room, "stay": stay},
            room=room,
            reservation=stay,
        )
