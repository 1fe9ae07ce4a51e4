"""Works out what a channel's version of a stay means night by night: rows, counters, rooms. Nothing is written here."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.db.models import Q

from pms.core.money import quantize
from properties.models import Property
from properties.places.selectors import TypeCalendar
from reservations.drafts import NightDraft, StayDraft
from reservations.models import PackagePart, RatePlan, Reservation, ReservationNight, RoomAssignment, RoomTypeNight
from reservations.pricing import ROOM, Part
from reservations.selectors.out_of_order import out_of_order_in

from .inventory import Move, inventory_open

ONE_DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class StayPlan:
    """What one stay will be: its nights (unsaved rows), the counters to move, the rooms it keeps."""

    line: str
    reservation: Reservation | None
    draft: StayDraft | None
    cancelled: bool
    rooms: list[RoomAssignment]
    nights: dict[dt.date, ReservationNight] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    rooms_kept: dict[uuid.UUID, DateRange] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    untouched: bool = False
    # The first night that a guest in house may still see changed: those before it were slept or are posted.
    open_from: dt.date = dt.date.min
    _types: TypeCalendar | None = None

    @property
    def types(self) -> TypeCalendar:
        """Return of which type its rooms are in which night."""
        self._types = self._types or TypeCalendar([room.room for room in self.rooms])
        return self._types


class Pricing:
    """Divides prices agreed elsewhere into the parts that our books post."""

    def __init__(
        self, plans: dict[uuid.UUID, RatePlan], parts: dict[uuid.UUID, list[PackagePart]], currency: str
    ) -> None:
        self.plans, self.package, self.currency = plans, parts, currency
        # A rate that is not mapped yet is taxed like the hotel's first plan until somebody maps it.
        first = min(plans.values(), key=lambda plan: plan.code, default=None)
        self.tax_code = first.tax_code if first else ""

    @classmethod
    def of(cls, hotel: Property, currency: str) -> Pricing:
        """Read the hotel's plans and what they include."""
        plans = {plan.pk: plan for plan in RatePlan.objects.filter(property_id=hotel.pk)}
        parts: dict[uuid.UUID, list[PackagePart]] = {}
        for part in PackagePart.objects.filter(rate_plan__property_id=hotel.pk):
            parts.setdefault(part.rate_plan_id, []).append(part)
        return cls(plans, parts, currency)

    def parts(self, night: NightDraft, adults: int) -> list[dict[str, str]]:
        """Return the parts of the night's price: what the plan includes, and the room with all the rest.

        Where the channel sold for less than the package alone, everything is room.
        """
        plan = self.plans.get(night.rate_plan_id) if night.rate_plan_id else None
        price = quantize(night.price, self.currency)
        if plan is None:
            return [Part(ROOM, price, self.tax_code).as_json()]
        package = [
            Part(part.code, quantize(part.amount * adults, self.currency), part.tax_code)
            for part in self.package.get(plan.pk, ())
        ]
        room = price - sum((part.amount for part in package), Decimal(0))
        if room < 0:
            package, room = [], price
        return [part.as_json() for part in (Part(ROOM, room, plan.tax_code), *package)]


def plan_stay(
    *,
    hotel: Property,
    line: str,
    reservation: Reservation | None,
    draft: StayDraft,
    rooms: list[RoomAssignment],
    cancelled: bool,
    pricing: Pricing,
    is_open: bool,
) -> StayPlan:
    """Return the plan that brings a stay (None: a new one) to what the channel says.

    `is_open`: the whole stay may change. In house only nights from the business date on do, and of these none that the
    night audit has posted; a stay that is over or a no-show stays as it is, with its state as the reason.
    """
    plan = StayPlan(line, reservation, draft, cancelled, rooms)
    stored = {} if reservation is None else _stored(reservation)
    wanted = {night.night: night for night in draft.nights}
    if not is_open and reservation is not None:
        in_house = reservation.status == Reservation.Status.IN_HOUSE
        if not in_house or cancelled:
            if cancelled or set(stored) != set(wanted):
                plan.reasons.add(reservation.status)
            plan.untouched, plan.cancelled = True, False
            return plan
        plan.open_from = _open_from(hotel, stored)
        if _is_disputed(plan, stored, wanted, pricing):
            plan.reasons.add("posted_night")
        wanted = _ahead(hotel, plan, stored, wanted)
    _rooms_kept(hotel, plan, draft, stored, sorted(wanted), in_house=not is_open)
    for day, night in sorted(wanted.items()):
        old = stored.get(day)
        row = _night(hotel, plan, old, night, pricing, fixed=day < plan.open_from)
        plan.nights[day] = row
        _count(plan, old, row)
    plan.moves += [Move(old.room_type_id, day, -1) for day, old in stored.items() if old.counted and day not in wanted]
    return plan


def _stored(reservation: Reservation) -> dict[dt.date, ReservationNight]:
    return {night.night: night for night in ReservationNight.objects.filter(reservation=reservation)}


def _open_from(hotel: Property, stored: dict[dt.date, ReservationNight]) -> dt.date:
    """Return the first night that is neither past nor posted; the audit posts tonight before it rolls the date."""
    return max([hotel.business_date, *(day + ONE_DAY for day, night in stored.items() if night.posted)])


def _is_disputed(
    plan: StayPlan, stored: dict[dt.date, ReservationNight], wanted: dict[dt.date, NightDraft], pricing: Pricing
) -> bool:
    """Tell whether the channel has a night that is over at another price, or begins the stay after it.

    An earlier departure is none of this: it has a reason of its own.
    """
    over = [night for day, night in stored.items() if day < plan.open_from and day <= max(wanted)]
    said = [(night.price, wanted.get(night.night)) for night in over]
    return any(draft is None or quantize(draft.price, pricing.currency) != price for price, draft in said)


def _ahead(
    hotel: Property, plan: StayPlan, stored: dict[dt.date, ReservationNight], wanted: dict[dt.date, NightDraft]
) -> dict[dt.date, NightDraft]:
    """Return the nights of a guest in house without a gap: those over as they are, those ahead as the channel says.

    Who should have left by the channel's word stays until the business date, or through the night that is posted: the
    desk decides (domain.md, scenario 4).
    """
    begin, today = min(stored), hotel.business_date
    departure = max(wanted) + ONE_DAY
    if departure <= today and max(stored) >= today:
        plan.reasons.add("early_departure")
    last = max(departure, plan.open_from, begin + ONE_DAY)
    days = [begin + dt.timedelta(days=place) for place in range((last - begin).days)]
    return {
        day: wanted[day] if day >= plan.open_from and day in wanted else _as_draft(day, stored.get(day)) for day in days
    }


def _as_draft(day: dt.date, stored: ReservationNight | None) -> NightDraft:
    return NightDraft(day, stored.price, stored.rate_plan_id) if stored else NightDraft(day, Decimal(0))


def _night(
    hotel: Property, plan: StayPlan, old: ReservationNight | None, night: NightDraft, pricing: Pricing, *, fixed: bool
) -> ReservationNight:
    draft = plan.draft
    if draft is None or (fixed and old is not None):
        return _copy(old) if old else ReservationNight(night=night.night)
    booked = draft.room_type_id
    placed = [
        plan.types.on(room.room_id, night.night)
        for room in plan.rooms
        if _covers(plan.rooms_kept.get(room.pk), night.night)
    ]
    counted = old.counted or night.night >= hotel.business_date if old else night.night >= hotel.business_date
    return ReservationNight(
        night=night.night,
        room_type_id=placed[0] if placed else booked,
        booked_type_id=booked,
        rate_plan_id=night.rate_plan_id,
        price=quantize(night.price, pricing.currency),
        parts=pricing.parts(night, draft.adults),
        counted=counted and not plan.cancelled,
    )


def _covers(nights: DateRange | None, day: dt.date) -> bool:
    return nights is not None and nights.lower <= day < nights.upper


def _copy(night: ReservationNight) -> ReservationNight:
    names = ("night", "room_type_id", "booked_type_id", "rate_plan_id", "price", "parts", "counted", "posted")
    return ReservationNight(**{name: getattr(night, name) for name in names})


def _count(plan: StayPlan, old: ReservationNight | None, new: ReservationNight) -> None:
    """Move the counters of one night only where type or counting changed."""
    held = old is not None and old.counted
    if held and new.counted and old is not None and old.room_type_id == new.room_type_id:
        return
    if held and old is not None:
        plan.moves.append(Move(old.room_type_id, old.night, -1))
    if new.counted:
        plan.moves.append(Move(new.room_type_id, new.night, 1))


def _rooms_kept(
    hotel: Property,
    plan: StayPlan,
    draft: StayDraft,
    stored: dict[dt.date, ReservationNight],
    days: Sequence[dt.date],
    *,
    in_house: bool,
) -> None:
    """Keep the planned room where it is free for the new nights; a guest in house keeps hers in any case."""
    if not plan.rooms or plan.cancelled:
        return
    first, departure = changed_range(days)
    last = plan.rooms[-1]
    if in_house:
        for room in plan.rooms:
            upper = min(room.nights.upper, departure)
            if upper > room.nights.lower:
                plan.rooms_kept[room.pk] = DateRange(room.nights.lower, upper)
        ahead = DateRange(last.nights.upper, departure) if departure > last.nights.upper else None
        if ahead and _free(last, ahead):
            plan.rooms_kept[last.pk] = DateRange(last.nights.lower, departure)
        elif ahead:
            plan.reasons.add("room_needed")
        return
    same_type = all(night.booked_type_id == draft.room_type_id for night in stored.values())
    # What lies before the business date cannot be planned any more, unless it was.
    begin = max(first, min(last.nights.lower, hotel.business_date))
    if len(plan.rooms) == 1 and same_type and begin < departure:
        wanted = DateRange(begin, departure)
        if _free(last, wanted):
            plan.rooms_kept[last.pk] = wanted


def _free(assignment: RoomAssignment, nights: DateRange) -> bool:
    beds = assignment.room.beds()
    others = RoomAssignment.everywhere.filter(room_id__in=beds, active=True, nights__overlap=nights)
    own = Q(pk=assignment.pk) | Q(part_of=assignment)
    return not (others.exclude(own).exists() or out_of_order_in(beds, nights).exists())


def changed_range(days: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """Return arrival and departure of these nights."""
    return min(days), max(days) + ONE_DAY


def nights_opened(hotel: Property, days: Collection[dt.date]) -> None:
    """Open those of `days` that lie beyond what the hotel has opened for sale so far."""
    if not days:
        return
    there = RoomTypeNight.objects.filter(property_id=hotel.pk, room_type=None, night__in=days)
    missing = set(days) - set(there.values_list("night", flat=True))
    if missing:
        inventory_open(hotel=hotel, first=min(missing), last=max(missing))
