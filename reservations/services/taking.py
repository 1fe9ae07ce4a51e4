"""Takes what a channel has sold: never refused, always as the channel has it now (docs/adr/0007).

One door for a new booking, its changes and its cancellation: the caller says what the channel holds true, and the house
is brought there by the difference. So the same state taken twice changes nothing, and versions that come in any order
end alike. Lock order: business day → inventory → booking → reservations.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pms.core.money import quantize
from pms.core.origins import origin_name
from pms.events.publish import publish
from properties.models import Property
from reservations.drafts import ExternalRef, GuestDraft, StayDraft
from reservations.events import ReservationAmended, ReservationCancelled, ReservationCreated
from reservations.models import Booking, Guest, Reservation, ReservationNight
from reservations.numbers import place_of
from reservations.selectors.stays import assignments_of

from .assignments import assignment_write
from .bookings import booking_save
from .guests import guest_note
from .inventory import Left, Move, inventory_move, stock_held
from .taken_nights import Pricing, StayPlan, changed_range, nights_opened, plan_stay

Status = Reservation.Status
# What an amendment tells of, old and new.
TOLD = ("arrival", "departure", "adults", "total", "status", "flags")
# Flags that this service sets and takes away; all others are somebody else's.
OWN_FLAGS = frozenset({"overbooked", "unmapped", "past", "totals_differ", "foreign_currency", "net_prices"})
# What a channel may still change as a whole; in house only what lies ahead, afterwards nothing (domain.md 2).
OPEN = frozenset({Status.CONFIRMED, Status.TENTATIVE, Status.WAITLIST, Status.CANCELLED})


@dataclass(frozen=True, slots=True)
class StayTaken:
    """One room as the channel has it. `line` is the channel's own name for it, `reservation_id` the stay it became."""

    line: str
    draft: StayDraft
    reservation_id: uuid.UUID | None = None


@dataclass(slots=True)
class Taken:
    """What became of it: the booking, the stay of each line, and why a person should look."""

    booking: Booking
    reservations: dict[str, Reservation] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    former_booker_id: uuid.UUID | None = None


@transaction.atomic
def booking_take(
    *,
    hotel: Property,
    ref: ExternalRef,
    booker: GuestDraft,
    stays: Sequence[StayTaken],
    gone: Sequence[uuid.UUID] = (),
    source: str,
    currency: str = "",
    notes: str = "",
    cancelled: bool = False,
) -> Taken:
    """Bring the booking `ref` to the state that the channel says, and return what became of it.

    The prices of `StayDraft.nights` are the truth. Nights before the business date are stored, never counted; a stay
    without a type counts on the house alone; what exceeds the limit goes through the forced door and is flagged
    "overbooked". Stays in `gone` are no longer part of the booking. A guest in house keeps the nights that were slept
    or are posted, as they are, and a room until the business date; a stay that is over is left alone. What the channel
    has otherwise there becomes a reason.
    """
    hotel = stock_held(hotel)
    booking = _booking_for_update(hotel, ref)
    known = _stays_for_update(booking) if booking else {}
    if booking is None:
        booking = booking_save(hotel, booker, source, ref, notes, currency)
    taken = Taken(booking, former_booker_id=booking.booker_id)
    _booking_changed(hotel, booking, booker, notes)
    pricing = Pricing.of(hotel, currency or hotel.currency)
    plans = [_planned(hotel, known, stay, pricing, cancelled=cancelled, taken=taken) for stay in stays]
    plans += [plan for pk in gone if (plan := _given_up(hotel, known.get(pk), taken)) is not None]
    _open_nights(hotel, plans)
    left = inventory_move(hotel=hotel, moves=[move for plan in plans for move in plan.moves], forced=True)
    # Numbers are never given twice: rooms leave a booking and others join it, in any order of lines.
    places = count(1 + max((place_of(stay.number) for stay in known.values()), default=0))
    for plan in plans:
        _write(hotel, taken, plan, left, places)
    return taken


def _booking_for_update(hotel: Property, ref: ExternalRef) -> Booking | None:
    rows = Booking.objects.select_for_update(no_key=True, of=("self",)).select_related("booker")
    return rows.filter(property_id=hotel.pk, external_system=ref.system, external_id=ref.id).first()


def _stays_for_update(booking: Booking) -> dict[uuid.UUID, Reservation]:
    rows = Reservation.objects.select_for_update(no_key=True, of=("self",)).select_related("guest")
    return {row.pk: row for row in rows.filter(booking=booking).order_by("pk")}


def _booking_changed(hotel: Property, booking: Booking, booker: GuestDraft, notes: str) -> None:
    if notes and notes != booking.notes:
        booking.notes = notes
    if not _is_called(booking.booker, booker):
        booking.booker = guest_note(hotel=hotel, draft=booker)
    booking.save()


def _is_called(guest: Guest, draft: GuestDraft) -> bool:
    return (guest.first_name, guest.last_name) == (draft.first_name.strip(), draft.last_name.strip())


def _planned(
    hotel: Property,
    known: dict[uuid.UUID, Reservation],
    stay: StayTaken,
    pricing: Pricing,
    *,
    cancelled: bool,
    taken: Taken,
) -> StayPlan:
    reservation = known.get(stay.reservation_id) if stay.reservation_id else None
    rooms = assignments_of(reservation.pk) if reservation else []
    plan = plan_stay(
        hotel=hotel, line=stay.line, reservation=reservation, draft=stay.draft, rooms=rooms, cancelled=cancelled,
        pricing=pricing, is_open=reservation is None or reservation.status in OPEN,
    )  # fmt: skip
    taken.reasons |= plan.reasons
    return plan


def _given_up(hotel: Property, reservation: Reservation | None, taken: Taken) -> StayPlan | None:
    """Plan to cancel a stay that the channel's booking no longer has."""
    if reservation is None or reservation.status == Status.CANCELLED:
        return None
    if reservation.status not in OPEN:
        taken.reasons.add(reservation.status)
        return None
    nights = list(ReservationNight.objects.filter(reservation=reservation).order_by("night"))
    plan = StayPlan(line="", reservation=reservation, draft=None, cancelled=True, rooms=assignments_of(reservation.pk))
    plan.moves = [Move(night.room_type_id, night.night, -1) for night in nights if night.counted]
    for night in nights:
        night.counted = False
    plan.nights = {night.night: night for night in nights}
    return plan


def _open_nights(hotel: Property, plans: Sequence[StayPlan]) -> None:
    """An OTA may sell beyond the horizon: those nights are opened rather than refused."""
    nights_opened(hotel, {move.night for plan in plans for move in plan.moves if move.by > 0})


def _write(hotel: Property, taken: Taken, plan: StayPlan, left: Left, places: Iterator[int]) -> None:
    reservation = plan.reservation
    if plan.untouched and reservation is not None:
        taken.reservations[plan.line] = reservation
        return
    made = reservation is None
    if reservation is None:
        number = f"{taken.booking.number}-{next(places)}"
        reservation = Reservation(property=hotel, booking=taken.booking, number=number)
    before = {name: getattr(reservation, name) for name in TOLD}
    _fields(hotel, taken, reservation, plan, left)
    touched = made or bool(reservation.changed_fields())
    reservation.save()
    touched |= _nights_written(reservation, plan)
    _rooms_written(hotel, plan)
    if plan.line:
        taken.reservations[plan.line] = reservation
    taken.reasons |= OWN_FLAGS.intersection(reservation.flags)
    if touched:
        _tell(hotel, reservation, {} if made else before, made=made)


def _fields(hotel: Property, taken: Taken, reservation: Reservation, plan: StayPlan, left: Left) -> None:
    nights = sorted(plan.nights)
    if plan.cancelled and reservation.status != Status.CANCELLED:
        with translation.override(hotel.locale):  # the words are kept
            reason = _("cancelled by %(name)s") % {"name": origin_name(taken.booking.source)}
        reservation.status, reservation.cancelled_at = Status.CANCELLED, timezone.now()
        reservation.cancel_reason = reason
    elif not plan.cancelled and reservation.status == Status.CANCELLED:
        reservation.status, reservation.cancelled_at, reservation.cancel_reason = Status.CONFIRMED, None, ""
    reservation.arrival, reservation.departure = changed_range(nights)
    reservation.total = sum(night.price for night in plan.nights.values())
    reservation.flags = _flags(reservation, plan, left)
    draft = plan.draft
    if draft is None:
        return
    reservation.adults, reservation.children = draft.adults, list(draft.children)
    if draft.commission is not None:  # a version that is silent about it takes nothing away
        reservation.commission = quantize(draft.commission, taken.booking.currency)
    today = hotel.business_date
    first = plan.nights.get(max(plan.open_from, today)) or plan.nights.get(today) or plan.nights[nights[0]]
    reservation.room_type_id, reservation.rate_plan_id = first.booked_type_id, first.rate_plan_id
    if reservation._state.adding:
        reservation.notes = draft.notes
        reservation.guest = guest_note(hotel=hotel, draft=draft.guest) if draft.guest else taken.booking.booker
    elif draft.guest is None:
        if reservation.guest_id == taken.former_booker_id:
            reservation.guest = taken.booking.booker
    elif not _is_called(reservation.guest, draft.guest):
        reservation.guest = guest_note(hotel=hotel, draft=draft.guest)


def _flags(reservation: Reservation, plan: StayPlan, left: Left) -> list[str]:
    """Return the flags in a fixed order: those of others first, as they stood."""
    others = [flag for flag in reservation.flags if flag not in OWN_FLAGS]
    own = set(plan.draft.flags) & OWN_FLAGS if plan.draft else {flag for flag in reservation.flags if flag in OWN_FLAGS}
    own -= {"overbooked", "past"}
    if not plan.cancelled:
        took = [
            key for move in plan.moves if move.by > 0 for key in ((move.room_type_id, move.night), (None, move.night))
        ]
        kept = {night.night for night in plan.nights.values() if night.counted} - {move.night for move in plan.moves}
        if any(left.get(key, 0) < 0 for key in took) or (kept and "overbooked" in reservation.flags):
            own.add("overbooked")
        if any(not night.counted for night in plan.nights.values()):
            own.add("past")
    return [*others, *sorted(own)]


def _nights_written(reservation: Reservation, plan: StayPlan) -> bool:
    """Bring the stored nights to the plan's and tell whether any differed."""
    stored = {night.night: night for night in ReservationNight.objects.filter(reservation=reservation)}
    gone = [night.pk for day, night in stored.items() if day not in plan.nights]
    fresh, changed = [], []
    for day, night in plan.nights.items():
        night.reservation, night.property_id = reservation, reservation.property_id
        old = stored.get(day)
        if old is None:
            night.pk = None
            fresh.append(night)
            continue
        night.pk = old.pk
        if any(getattr(old, name) != getattr(night, name) for name in NIGHT_FIELDS):
            changed.append(night)
    ReservationNight.objects.filter(pk__in=gone).delete()
    ReservationNight.objects.bulk_update(changed, NIGHT_FIELDS)
    ReservationNight.objects.bulk_create(fresh)
    return bool(gone or fresh or changed)


NIGHT_FIELDS = ["room_type_id", "booked_type_id", "rate_plan_id", "price", "parts", "counted"]


def _rooms_written(hotel: Property, plan: StayPlan) -> None:
    for room in plan.rooms:
        nights = None if plan.cancelled else plan.rooms_kept.get(room.pk)
        if nights is None:
            room.active = False
        elif nights != room.nights:
            room.nights = nights
        assignment_write(hotel=hotel, planned=room)


def _tell(hotel: Property, reservation: Reservation, before: dict[str, Any], *, made: bool) -> None:
    facts: dict[str, Any] = {
        "property_id": hotel.pk,
        "business_date": hotel.business_date,
        "version": reservation.version,
        "reservation_id": reservation.pk,
    }
    if made:
        publish(
            ReservationCreated(
                booking_id=reservation.booking_id,
                arrival=reservation.arrival,
                departure=reservation.departure,
                changes={"status": (None, Status.CONFIRMED.value)},
                **facts,
            )
        )
    moved = {
        name: (old, getattr(reservation, name)) for name, old in before.items() if old != getattr(reservation, name)
    }
    if reservation.status == Status.CANCELLED and (made or "status" in moved):
        status = (before.get("status", Status.CONFIRMED.value), Status.CANCELLED.value)
        publish(ReservationCancelled(changes={"status": status}, **facts))
    elif not made:
        publish(ReservationAmended(changes=moved, **facts))
