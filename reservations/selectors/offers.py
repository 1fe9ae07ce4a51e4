"""What can be sold for these dates and people, at what price; and what instead, when it cannot."""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.errors import DomainError
from pms.core.templatetags.ui import day
from properties.capacity import fits
from properties.models import Property, RoomType
from properties.taxes import CityTaxTable, TaxTable, city_tax
from reservations.errors import CapacityExceeded, NightNotOpen, NotAvailable, PriceMissing
from reservations.models import DailyRate, PackagePart, RatePlan, RoomTypeNight
from reservations.pricing import PricedNight, Quote, lodging, price_night, taxes_contained

# Beyond this a search reads too much, and nobody books it in one reservation.
MOST_NIGHTS = 365
NEARBY = (1, -1, 2, -2, 3, -3, 7, -7)
MOST_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes: adults, and the ages of the children on arrival."""

    adults: int
    children: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One room type on one plan. `why_not` says what stands against selling it; empty means it can be booked."""

    room_type: RoomType
    rate_plan: RatePlan
    available: int
    quote: Quote | None
    why_not: tuple[DomainError, ...]


class PriceList:
    """The prices and rules of one hotel for a range of nights, read in a fixed number of queries."""

    def __init__(self, hotel: Property, first: dt.date, departure: dt.date, *, kinds: Iterable[uuid.UUID] = ()) -> None:
        self.hotel = hotel
        self.nights = [first + dt.timedelta(days=place) for place in range((departure - first).days)]
        self.table = TaxTable.of(hotel.pk)
        self.city_taxes = CityTaxTable.of(hotel.pk)
        self.parts: dict[uuid.UUID, list[PackagePart]] = {}
        for part in PackagePart.objects.filter(rate_plan__property_id=hotel.pk):
            self.parts.setdefault(part.rate_plan_id, []).append(part)
        rates = DailyRate.objects.filter(property_id=hotel.pk, night__gte=first, night__lt=departure)
        if kinds:
            rates = rates.filter(room_type_id__in=list(kinds))
        self.rates = {(rate.room_type_id, rate.rate_plan_id, rate.night): rate for rate in rates}

    def between(self, first: dt.date, departure: dt.date) -> PriceList:
        """Return the same list for fewer nights, without reading anything."""
        part = copy.copy(self)
        part.nights = [night for night in self.nights if first <= night < departure]
        return part

    def quote(self, kind: RoomType, plan: RatePlan, party: Party) -> Quote:
        """Return what the stay costs. Raises `PriceMissing` if a night has no price."""
        currency = self.hotel.currency
        nights = tuple(self._night(kind, plan, night, party) for night in self.nights)
        taxed = city_tax(
            self.city_taxes,
            lodging(nights, self.table, currency),
            adults=party.adults,
            children=party.children,
            currency=currency,
        )
        return Quote(nights, tuple(taxed), taxes_contained(nights, self.table, currency))

    def _night(self, kind: RoomType, plan: RatePlan, night: dt.date, party: Party) -> PricedNight:
        rate = self.rates.get((kind.pk, plan.price_source_id, night))
        if rate is None:
            raise PriceMissing(
                _(
                    "%(plan)s has no price for %(kind)s on %(day)s. Nothing was booked; set the price or choose "
                    "another plan."
                )
                % {"plan": plan.name, "kind": kind.name, "day": day(night)},
                night=night.isoformat(),
            )
        return price_night(
            plan=plan,
            package=self.parts.get(plan.pk, ()),
            rate=rate,
            kind=kind,
            adults=party.adults,
            children=party.children,
            currency=self.hotel.currency,
        )


def check_capacity(hotel: Property, kind: RoomType, party: Party, *, field: str = "adults") -> None:
    """Raise `CapacityExceeded` if the type does not sleep the party, by the hotel's age groups."""
    if not fits(kind, hotel.age_bands, adults=party.adults, ages=party.children):
        adults = ngettext("%d adult", "%d adults", kind.max_adults) % kind.max_adults
        children = ngettext("%d child", "%d children", kind.max_children) % kind.max_children
        words = _(
            "%(kind)s sleeps %(adults)s and %(children)s. Nothing was booked; choose a larger type or a second room."
        )
        raise CapacityExceeded(
            words % {"kind": kind.name, "adults": adults, "children": children},
            field=field,
            max_adults=kind.max_adults,
            max_children=kind.max_children,
        )


def offers(
    *,
    hotel: Property,
    arrival: dt.date,
    departure: dt.date,
    party: Party,
    room_types: Sequence[RoomType] | None = None,
    rate_plans: Sequence[RatePlan] | None = None,
) -> list[Offer]:
    """Return every type on every plan for the stay, the best room last, with price and reasons why not."""
    kinds = list(room_types) if room_types is not None else list(room_types_sold(hotel))
    plans = list(rate_plans) if rate_plans is not None else list(rate_plans_sold(hotel))
    prices = PriceList(hotel, arrival, departure)
    left = rooms_left(hotel=hotel, arrival=arrival, departure=departure)
    return [_offer(kind, plan, prices, left, party) for kind in kinds for plan in plans]


def _offer(kind: RoomType, plan: RatePlan, prices: PriceList, left: dict[uuid.UUID, int | None], party: Party) -> Offer:
    why_not: list[DomainError] = []
    rooms = left.get(kind.pk)
    if rooms is None:
        why_not.append(NightNotOpen(_("One of these nights is not open for sale yet. Choose other dates.")))
    elif rooms <= 0:
        why_not.append(
            NotAvailable(_("%(name)s is sold out for these dates.") % {"name": kind.name}, room_type=kind.pk)
        )
    quote = None
    try:
        check_capacity(prices.hotel, kind, party)
        quote = prices.quote(kind, plan, party)
    except DomainError as reason:
        why_not.append(reason)
    return Offer(kind, plan, max(0, rooms or 0), quote, tuple(why_not))


# What is available of a type (None: the house) in a night.
Counters = dict[tuple[uuid.UUID | None, dt.date], int]


def _counters(hotel: Property, first: dt.date, departure: dt.date) -> Counters:
    rows = RoomTypeNight.objects.filter(property_id=hotel.pk, night__gte=first, night__lt=departure)
    return {(row.room_type_id, row.night): row.available for row in rows}


def rooms_left(*, hotel: Property, arrival: dt.date, departure: dt.date) -> dict[uuid.UUID, int | None]:
    """Return per room type how many rooms can be sold for the whole stay, never more than the house has left.

    None means that a night of the stay is not open. The guard decides when it comes to booking, never this.
    """
    return _left(_counters(hotel, arrival, departure), arrival, departure)


def _left(counters: Counters, arrival: dt.date, departure: dt.date) -> dict[uuid.UUID, int | None]:
    nights = [arrival + dt.timedelta(days=place) for place in range((departure - arrival).days)]
    left: dict[uuid.UUID, int | None] = {}
    for kind in {kind for kind, _night in counters if kind is not None}:
        cells = [counters.get((row, night)) for night in nights for row in (kind, None)]
        known = [cell for cell in cells if cell is not None]
        left[kind] = min(known) if known and len(known) == len(cells) else None
    return left


def alternatives(
    *,
    hotel: Property,
    arrival: dt.date,
    departure: dt.date,
    party: Party,
    wanted: uuid.UUID,
    plan: RatePlan,
    rooms: int = 1,
) -> list[dict[str, Any]]:
    """Return what could be booked instead: other types for the same nights first, then the same type nearby.

    Each has `rooms` left, so that a booking of several rooms alike can take it.

    Prices and counters of all the dates are read at once: when the last room goes, many callers ask this together.
    """
    reach = dt.timedelta(days=max(NEARBY))
    first, last = max(arrival - reach, hotel.business_date), departure + reach
    prices, counters = PriceList(hotel, first, last), _counters(hotel, first, last)
    kinds = list(room_types_sold(hotel))
    choices = [(kind, 0) for kind in kinds if kind.pk != wanted]
    choices += [(kind, days) for days in NEARBY for kind in kinds if kind.pk == wanted]
    found: list[dict[str, Any]] = []
    for kind, days in choices:
        begin, end = arrival + dt.timedelta(days=days), departure + dt.timedelta(days=days)
        if begin < hotel.business_date:
            continue
        offer = _offer(kind, plan, prices.between(begin, end), _left(counters, begin, end), party)
        if not offer.why_not and offer.available >= rooms:
            found.append(_alternative(offer, begin, end))
    return found[:MOST_ALTERNATIVES]


def _alternative(offer: Offer, arrival: dt.date, departure: dt.date) -> dict[str, Any]:
    return {
        "room_type": str(offer.room_type.pk),
        "room_type_code": offer.room_type.code,
        "room_type_name": offer.room_type.name,
        "rate_plan": str(offer.rate_plan.pk),
        "arrival": arrival.isoformat(),
        "departure": departure.isoformat(),
        "available": offer.available,
        "total": str(offer.quote.total) if offer.quote else None,
    }


def room_types_sold(hotel: Property) -> QuerySet[RoomType]:
    """Return the room types on sale, the simplest first."""
    return RoomType.objects.filter(property_id=hotel.pk, archived_at=None).order_by("rank", "code")


def rate_plans_sold(hotel: Property) -> QuerySet[RatePlan]:
    """Return the rate plans on sale."""
    return RatePlan.objects.filter(property_id=hotel.pk, archived_at=None).order_by("code")
