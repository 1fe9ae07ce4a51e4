"""Booking: from drafts to reservations, in one transaction that either holds the stock or leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.db_errors import on_constraint
from pms.core.templatetags.ui import day
from pms.events.publish import publish
from properties.models import Property, RoomType
from properties.selectors import hotel_by_id
from reservations.drafts import ExternalRef, GuestDraft, StayDraft
from reservations.errors import (
    ArrivalInPast,
    BookedAlready,
    NotAvailable,
    StayIncomplete,
    StayTooLong,
    WrongHotel,
)
from reservations.events import BookingCreated, ReservationCreated
from reservations.models import Booking, Guest, RatePlan, Reservation, ReservationNight
from reservations.numbers import new_booking_number
from reservations.pricing import PricedNight
from reservations.selectors.offers import (
    MOST_NIGHTS,
    Party,
    PriceList,
    alternatives,
    check_capacity,
    rate_plans_sold,
    room_types_sold,
)

from .day import day_held_open
from .guests import guest_note
from .inventory import Move, inventory_move
from .refusals import refusals_told


@dataclass(slots=True)
class _Stay:
    """A draft with what it refers to, and its price."""

    draft: StayDraft
    kind: RoomType
    plan: RatePlan
    nights: tuple[PricedNight, ...] = ()

    @property
    def party(self) -> Party:
        return Party(self.draft.adults, self.draft.children)


def booking_create(
    *,
    hotel: Property,
    booker: GuestDraft,
    stays: Sequence[StayDraft],
    source: str = "direct",
    external_ref: ExternalRef | None = None,
    notes: str = "",
    forced: bool = False,
) -> Booking:
    """Book one or more rooms, all or none, and return the booking with its reservations.

    Raises `NotAvailable` with `alternatives` when a night is sold out (unless `forced`, which needs the right to
    overbook and flags the stay), `NightNotOpen`, `PriceMissing`, `CapacityExceeded`, `ArrivalInPast`, `StayIncomplete`,
    `WrongHotel`, `BookedAlready`. After any of them nothing was booked.
    """
    _refuse_known(hotel, external_ref)
    try:
        with refusals_told(), transaction.atomic():
            return _book(hotel, booker, stays, source, external_ref, notes, forced=forced)
    except NotAvailable as refusal:
        # The locks are gone with the transaction: looking for alternatives holds nobody up.
        _refuse_known(hotel, external_ref)  # the last room may have gone to this very booking, sent twice at once
        raise refusal.offering(_alternatives(hotel, stays, _stay_refused(stays, refusal))) from refusal


def _book(
    hotel: Property,
    booker: GuestDraft,
    drafts: Sequence[StayDraft],
    source: str,
    external_ref: ExternalRef | None,
    notes: str,
    *,
    forced: bool,
) -> Booking:
    hotel = day_held_open(hotel)
    stays = [_checked(hotel, draft, place) for place, draft in enumerate(drafts)]
    if not stays:
        raise StayIncomplete(_("A booking needs at least one room. Nothing was booked."), field="reservations")
    for stay in stays:
        prices = PriceList(hotel, stay.draft.arrival, stay.draft.departure, kinds=[stay.kind.pk])
        stay.nights = prices.quote(stay.kind, stay.plan, stay.party).nights
    moves = [Move(stay.kind.pk, night.night, 1) for stay in stays for night in stay.nights]
    left = inventory_move(hotel=hotel, moves=moves, forced=forced)
    booking = booking_save(hotel, booker, source, external_ref, notes)
    for place, stay in enumerate(stays, start=1):
        touched = [left[kind, night.night] for night in stay.nights for kind in (stay.kind.pk, None)]
        _save_stay(hotel, booking, stay, place, overbooked=min(touched) < 0)
    return booking


def _checked(hotel: Property, draft: StayDraft, place: int) -> _Stay:
    where = f"reservations.{place}"
    if draft.departure <= draft.arrival:
        raise StayIncomplete(
            _("The departure must be after the arrival. Nothing was booked."), field=f"{where}.departure"
        )
    if (draft.departure - draft.arrival).days > MOST_NIGHTS:
        raise StayTooLong(
            _("One reservation holds at most %(most)s nights. Nothing was booked; book the rest apart.")
            % {"most": MOST_NIGHTS},
            field=f"{where}.departure",
            most_nights=MOST_NIGHTS,
        )
    if draft.arrival < hotel.business_date:
        raise ArrivalInPast(
            _(
                "The hotel's day is %(today)s; an arrival on %(arrival)s is past. Nothing was booked; choose a "
                "later date."
            )
            % {"today": day(hotel.business_date), "arrival": day(draft.arrival)},
            field=f"{where}.arrival",
            business_date=hotel.business_date.isoformat(),
        )
    if draft.adults < 1:
        raise StayIncomplete(_("At least one adult stays in a room. Nothing was booked."), field=f"{where}.adults")
    kind = room_types_sold(hotel).filter(pk__in=[draft.room_type_id]).first()
    plan = rate_plans_sold(hotel).filter(pk__in=[draft.rate_plan_id]).first()
    if kind is None or plan is None:
        name = "room_type" if kind is None else "rate_plan"
        said = {
            "room_type": _("This hotel sells no such room type. Nothing was booked."),
            "rate_plan": _("This hotel sells no such rate plan. Nothing was booked."),
        }
        raise WrongHotel(said[name], field=f"{where}.{name}")
    stay = _Stay(draft, kind, plan)
    check_capacity(hotel, kind, stay.party, field=f"{where}.adults")
    return stay


def booking_save(
    hotel: Property, booker: GuestDraft, source: str, external_ref: ExternalRef | None, notes: str, currency: str = ""
) -> Booking:
    """Save a booking without stays yet, and say that it was made; in the transaction of whoever makes its stays."""
    booking = Booking(
        property=hotel,
        number=new_booking_number(),
        booker=guest_note(hotel=hotel, draft=booker),
        source=source,
        external_system=external_ref.system if external_ref else "",
        external_id=external_ref.id if external_ref else "",
        currency=currency or hotel.currency,
        notes=notes,
    )
    booking.save()
    publish(
        BookingCreated(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=booking.version,
            booking_id=booking.pk,
            source=source,
        )
    )
    return booking


def _save_stay(hotel: Property, booking: Booking, stay: _Stay, place: int, *, overbooked: bool) -> Reservation:
    draft = stay.draft
    reservation = Reservation(
        property=hotel,
        booking=booking,
        number=f"{booking.number}-{place}",
        guest=_sleeper(hotel, draft, booking),
        arrival=draft.arrival,
        departure=draft.departure,
        adults=draft.adults,
        children=list(draft.children),
        room_type=stay.kind,
        rate_plan=stay.plan,
        total=sum(night.price for night in stay.nights),
        flags=[*draft.flags, *(["overbooked"] if overbooked else [])],
        notes=draft.notes,
    )
    reservation.save()
    ReservationNight.objects.bulk_create(
        ReservationNight(
            property=hotel,
            reservation=reservation,
            night=night.night,
            room_type=stay.kind,
            booked_type=stay.kind,
            rate_plan=stay.plan,
            price=night.price,
            parts=night.parts_json(),
        )
        for night in stay.nights
    )
    publish(
        ReservationCreated(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
            booking_id=booking.pk,
            arrival=draft.arrival,
            departure=draft.departure,
            changes={"status": (None, reservation.status)},
        )
    )
    return reservation


def _sleeper(hotel: Property, draft: StayDraft, booking: Booking) -> Guest:
    return guest_note(hotel=hotel, draft=draft.guest) if draft.guest else booking.booker


def _stay_refused(stays: Sequence[StayDraft], refusal: NotAvailable) -> StayDraft:
    """Return the stay that found no room: of the type (any, if the house is full) and over the night in question."""
    night = refusal.facts["night"]
    over = [stay for stay in stays if stay.arrival.isoformat() <= night < stay.departure.isoformat()]
    return next((stay for stay in over if str(stay.room_type_id) == refusal.facts["room_type"]), over[0])


def _refuse_known(hotel: Property, ref: ExternalRef | None) -> None:
    """A booking sent again was booked, whatever became of rooms, prices and dates since; the constraint is the law."""
    if ref is None or not ref.id:
        return
    if Booking.objects.filter(property_id=hotel.pk, external_system=ref.system, external_id=ref.id).exists():
        raise _booked_already(None)


def _alternatives(hotel: Property, stays: Sequence[StayDraft], draft: StayDraft) -> list[dict[str, object]]:
    hotel = hotel_by_id(hotel.pk)  # the caller's may be of yesterday: nothing past is offered
    alike = [(stay.room_type_id, stay.arrival, stay.departure) for stay in stays]
    plan = rate_plans_sold(hotel).filter(pk__in=[draft.rate_plan_id]).first()
    if plan is None or draft.room_type_id is None:
        return []
    return alternatives(
        hotel=hotel,
        arrival=draft.arrival,
        departure=draft.departure,
        party=Party(draft.adults, draft.children),
        wanted=draft.room_type_id,
        plan=plan,
        rooms=alike.count((draft.room_type_id, draft.arrival, draft.departure)),
    )


def _booked_already(_diagnostics: object) -> BookedAlready:
    return BookedAlready(_("This booking was taken already. Nothing was booked twice; read the one that exists."))


on_constraint("booking_once_per_external_ref", _booked_already)
