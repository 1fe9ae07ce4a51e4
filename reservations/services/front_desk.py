"""The desk's acts: check in, check out, take either back, sell to somebody who stands there.

Lock order (docs/adr/0004-lock-order.md): business day → inventory → room → reservation.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.events.publish import publish
from properties.models import Property, Room
from properties.services import room_mark, room_set_occupancy
from reservations import rules
from reservations.drafts import GuestDraft, StayDraft
from reservations.errors import NotAvailable, ReservationMoved, RoomNotAssigned
from reservations.events import (
    ReservationAmended,
    ReservationCheckedIn,
    ReservationCheckedOut,
    ReservationCheckingOut,
    ReservationCheckInUndone,
    ReservationCheckOutUndone,
    ReservationUndoingCheckIn,
    ReservationUndoingCheckOut,
)
from reservations.models import Booking, Reservation, ReservationNight
from reservations.selectors.stays import (
    assignment_on,
    assignment_used,
    assignments_of,
    nights_given_back,
    reservation_for_update,
    reservation_seen,
    room_locked_for_update,
    rooms_free,
)

from .assignments import assignment_write
from .bookings import booking_create
from .closed_rooms import refuse_out_of_order
from .day import day_held_open
from .inventory import Move, inventory_move, stock_held
from .stays import refuse, reservation_assign_room

Status = Reservation.Status
ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def reservation_check_in(*, hotel: Property, reservation_id: uuid.UUID, accepted: Collection[str] = ()) -> Reservation:
    """Give the guest the key: the room becomes occupied, folios open the folio in the same transaction.

    Raises what `rules.against_check_in` finds, except codes in `accepted` (an edge passes only what the person may
    override), and `ReservationMoved` if the room was changed meanwhile.
    """
    hotel = day_held_open(hotel)
    reservation_seen(reservation_id, hotel)  # another hotel's stay is not there
    planned = assignment_on(reservation_id, hotel.business_date)
    room = room_locked_for_update(planned.room_id, hotel) if planned else None
    reservation = reservation_for_update(reservation_id)
    still = assignment_on(reservation_id, hotel.business_date)
    if (still.room_id if still else None) != (room.pk if room else None):
        raise ReservationMoved(_("The guest was given another room just now. Nobody was checked in; look again."))
    refuse(rules.against_check_in(reservation, room, hotel), accepted=accepted)
    if room is None:
        raise RoomNotAssigned(_("No room is assigned yet. Nobody was checked in; assign one first."))
    room_set_occupancy(room_id=room.pk, occupancy=Room.Occupancy.OCCUPIED)
    reservation.status = Status.IN_HOUSE
    reservation.checked_in_at, reservation.checked_in_date = timezone.now(), hotel.business_date
    reservation.save()
    publish(
        ReservationCheckedIn(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            room_id=room.pk,
            changes={"status": (Status.CONFIRMED.value, Status.IN_HOUSE.value)},
        )
    )
    return reservation


@transaction.atomic
def reservation_check_out(*, hotel: Property, reservation_id: uuid.UUID, accepted: Collection[str] = ()) -> Reservation:
    """Let the guest leave: folios may refuse (an open balance), then the room is vacant and dirty.

    With "early_departure" accepted the nights from the business date on are given back and can be sold again, with
    their room. On the day of the arrival that is every night: none was posted, so nothing is owed for them; a day use
    is a charge that the desk posts before.
    """
    hotel = stock_held(hotel) if "early_departure" in accepted else day_held_open(hotel)
    seen = reservation_seen(reservation_id, hotel)
    leaving_early = seen.departure > hotel.business_date and "early_departure" in accepted
    dropped = _nights_dropped(hotel, seen) if leaving_early else []
    inventory_move(hotel=hotel, moves=[Move(night.room_type_id, night.night, -1) for night in dropped])
    room = _room_in_use(hotel, reservation_id)
    reservation = reservation_for_update(reservation_id)
    if reservation.version != seen.version:
        raise ReservationMoved(_("Somebody changed this stay just now. Nobody was checked out; look again."))
    refuse(rules.against_check_out(reservation, hotel), accepted=accepted)
    facts = _facts(hotel, reservation)
    if leaving_early:
        _shorten(hotel, reservation, dropped)
    publish(ReservationCheckingOut(given_back=tuple(night.night for night in dropped), **facts))
    room_set_occupancy(room_id=room.pk, occupancy=Room.Occupancy.VACANT)
    room_mark(room_id=room.pk, condition=Room.Condition.DIRTY)
    reservation.status = Status.CHECKED_OUT
    reservation.checked_out_at, reservation.checked_out_date = timezone.now(), hotel.business_date
    reservation.save()
    changes = {"status": (Status.IN_HOUSE.value, Status.CHECKED_OUT.value)}
    publish(ReservationCheckedOut(version=reservation.version, room_id=room.pk, changes=changes, **facts))
    return reservation


@transaction.atomic
def reservation_undo_check_in(*, hotel: Property, reservation_id: uuid.UUID) -> Reservation:
    """Take a check-in back on its own business date; folios may refuse. The room was entered, so it becomes dirty."""
    hotel = day_held_open(hotel)
    reservation_seen(reservation_id, hotel)  # another hotel's stay is not there
    room = _room_in_use(hotel, reservation_id)
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_undoing_check_in(reservation, hotel))
    facts = _facts(hotel, reservation)
    publish(ReservationUndoingCheckIn(**facts))
    room_set_occupancy(room_id=room.pk, occupancy=Room.Occupancy.VACANT)
    room_mark(room_id=room.pk, condition=Room.Condition.DIRTY)
    reservation.status = Status.CONFIRMED
    reservation.checked_in_at = reservation.checked_in_date = None
    reservation.save()
    changes = {"status": (Status.IN_HOUSE.value, Status.CONFIRMED.value)}
    publish(ReservationCheckInUndone(version=reservation.version, room_id=room.pk, changes=changes, **facts))
    return reservation


@transaction.atomic
def reservation_undo_check_out(*, hotel: Property, reservation_id: uuid.UUID) -> Reservation:
    """Take a check-out back on its own business date, while the room is still free.

    A guest who left on the day of arrival gave tonight back: it is taken again, or `NotAvailable`, `RoomTaken`.
    """
    hotel = stock_held(hotel)
    again = nights_given_back(reservation_seen(reservation_id, hotel), hotel)
    _take_again(hotel, again)
    room = _room_in_use(hotel, reservation_id)
    reservation = reservation_for_update(reservation_id)
    refuse(rules.against_undoing_check_out(reservation, room, hotel))
    publish(ReservationUndoingCheckOut(**_facts(hotel, reservation)))
    refuse_out_of_order(
        room.beds(), DateRange(hotel.business_date, max(reservation.departure, hotel.business_date + ONE_DAY))
    )
    if again:
        _lengthen(hotel, reservation, again)
    room_set_occupancy(room_id=room.pk, occupancy=Room.Occupancy.OCCUPIED)
    reservation.status = Status.IN_HOUSE
    reservation.checked_out_at = reservation.checked_out_date = None
    reservation.save()
    publish(
        ReservationCheckOutUndone(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            room_id=room.pk,
            changes={"status": (Status.CHECKED_OUT.value, Status.IN_HOUSE.value)},
        )
    )
    return reservation


@transaction.atomic
def walk_in_create(
    *,
    hotel: Property,
    booker: GuestDraft,
    stay: StayDraft,
    room_id: uuid.UUID | None = None,
    source: str = "walk_in",
    accepted: Collection[str] = (),
) -> Booking:
    """Book, give a room and check in at once, all or nothing; without `room_id` the first ready room of the type.

    The arrival is the business date, whatever the calendar says (domain.md 1).
    """
    booking = booking_create(hotel=hotel, booker=booker, stays=[stay], source=source)
    reservation = booking.reservations.get()
    reservation.walk_in = True
    reservation.save()
    room = room_id or _first_ready(hotel, stay)
    reservation_assign_room(hotel=hotel, reservation_id=reservation.pk, room_id=room)
    reservation_check_in(hotel=hotel, reservation_id=reservation.pk, accepted=accepted)
    return booking


@transaction.atomic
def reservation_balance_set(*, reservation_id: uuid.UUID, balance: Decimal) -> None:
    """Write the balance of the stay's folios, for lists; called by folios in the transaction of the posting."""
    reservation = reservation_for_update(reservation_id)
    reservation.balance = balance
    reservation.save(update_fields=["balance"])


@transaction.atomic
def reservation_flag_set(*, reservation_id: uuid.UUID, flag: str, on: bool) -> None:
    """Raise or lower a flag that lists show (an upper app's fact, such as "payment_failed")."""
    reservation = reservation_for_update(reservation_id)
    flags = [known for known in reservation.flags if known != flag]
    reservation.flags = [*flags, flag] if on else flags
    reservation.save(update_fields=["flags"])


def reservation_night_posted_set(*, reservation_id: uuid.UUID, night: dt.date, posted: bool) -> None:
    """Note whether a night stands on the stay's folio; called by folios in the transaction of the posting.

    The caller holds the lock of the reservation. A posted night is over for whoever changes the stay, though the
    business date has not moved yet.
    """
    ReservationNight.objects.filter(reservation_id=reservation_id, night=night).update(posted=posted)


def _facts(hotel: Property, reservation: Reservation) -> dict[str, Any]:
    """Return what every event of these acts says."""
    return {"property_id": hotel.pk, "business_date": hotel.business_date, "reservation_id": reservation.pk}


def _room_in_use(hotel: Property, reservation_id: uuid.UUID) -> Room:
    """Lock and return the room where the guest is, or was; one that is planned for later nights is not it yet."""
    used = assignment_used(reservation_id, hotel.business_date)
    if used is None:
        raise RoomNotAssigned(_("This stay has no room. Nothing was changed."))
    return room_locked_for_update(used.room_id, hotel)


def _nights_dropped(hotel: Property, seen: Reservation) -> list[ReservationNight]:
    """Return the nights an early departure gives back: from tonight on, for tonight is not posted yet."""
    return list(ReservationNight.objects.filter(reservation=seen, night__gte=hotel.business_date, counted=True))


def _shorten(hotel: Property, reservation: Reservation, dropped: list[ReservationNight]) -> None:
    """Drop the nights and free their rooms. A stay keeps a first night by name, uncounted if it was given back."""
    before = {"departure": reservation.departure, "total": reservation.total}
    reservation.departure = max(hotel.business_date, reservation.arrival + ONE_DAY)
    reservation.total -= sum((night.price for night in dropped), Decimal(0))
    nights = ReservationNight.objects.filter(pk__in=[night.pk for night in dropped])
    nights.filter(night__gt=reservation.arrival).delete()
    nights.update(counted=False)
    for assignment in assignments_of(reservation.pk):
        if assignment.nights.lower >= hotel.business_date:
            assignment.active = False
        elif assignment.nights.upper > reservation.departure:
            assignment.nights = DateRange(assignment.nights.lower, reservation.departure)
        assignment_write(hotel=hotel, planned=assignment)
    publish(
        ReservationAmended(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            reservation_id=reservation.pk,
            changes={
                name: (old, getattr(reservation, name))
                for name, old in before.items()
                if old != getattr(reservation, name)
            },
        )
    )


def _take_again(hotel: Property, nights: Sequence[ReservationNight]) -> None:
    try:
        inventory_move(hotel=hotel, moves=[Move(night.room_type_id, night.night, 1) for night in nights])
    except NotAvailable as refusal:
        message = _("Tonight was given back and is sold since. Nothing was changed; book the guest anew.")
        raise refusal.saying(message) from refusal


def _lengthen(hotel: Property, reservation: Reservation, nights: Sequence[ReservationNight]) -> None:
    """Count the nights again that were given back, in the room that the guest had."""
    reservation.total += sum((night.price for night in nights), Decimal(0))
    ReservationNight.objects.filter(pk__in=[night.pk for night in nights]).update(counted=True)
    used = assignment_used(reservation.pk, nights[0].night)
    if used is not None and not used.active:
        used.active, used.nights = True, DateRange(nights[0].night, reservation.departure)
        assignment_write(hotel=hotel, planned=used)


def _first_ready(hotel: Property, stay: StayDraft) -> uuid.UUID:
    free = rooms_free(hotel=hotel, first=stay.arrival, departure=stay.departure, room_type_id=stay.room_type_id)
    ready = next((room for room in free if rules.is_ready(room) and room.occupancy == Room.Occupancy.VACANT), None)
    if ready is None:
        raise RoomNotAssigned(
            _("No room of this type is ready. Nobody was checked in; choose another type or have a room made ready.")
        )
    return ready.pk
