"""Prices: set for many nights at once, told in one event and one audit entry."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.audit import record_act
from pms.core.errors import InvalidValue
from pms.core.locks import Lock, lock_exclusive
from pms.core.money import ZERO, quantize
from pms.events.publish import publish
from properties.models import Property, RoomType, TaxRate
from properties.services import tax_rate_add
from reservations.errors import WrongHotel
from reservations.events import RatesSet
from reservations.models import DailyRate, RatePlan
from reservations.selectors.rates import base_rate_plan

LODGING_TAX = "lodging"


@dataclass(frozen=True, slots=True)
class RateValue:
    """A price for all nights from `first` to `last`, both included, that fall on one of `weekdays` (0 = Monday)."""

    room_type_id: uuid.UUID
    rate_plan_id: uuid.UUID
    first: dt.date
    last: dt.date
    price: Decimal
    single_price: Decimal | None = None
    extra_adult: Decimal = ZERO
    child_price: Decimal = ZERO
    weekdays: frozenset[int] = frozenset(range(7))

    def nights(self) -> list[dt.date]:
        """Return the nights the value is for."""
        days = range((self.last - self.first).days + 1)
        dates = (self.first + dt.timedelta(days=place) for place in days)
        return [night for night in dates if night.weekday() in self.weekdays]


@transaction.atomic
def rates_set(*, hotel: Property, values: Sequence[RateValue]) -> int:
    """Write the prices and return how many cells (type × plan × night) were set; a later value wins over an earlier.

    Raises `InvalidValue` for negative prices, empty ranges and prices of a derived plan, `WrongHotel` for foreign ids.
    """
    _check(hotel, values)
    cells: dict[tuple[uuid.UUID, uuid.UUID, dt.date], RateValue] = {}
    for value in values:
        for night in value.nights():
            cells[value.room_type_id, value.rate_plan_id, night] = value
    # In key order: two mass changes at once then wait for each other instead of deadlocking.
    DailyRate.objects.bulk_create(
        [_cell(hotel, key, cells[key]) for key in sorted(cells, key=lambda key: (key[2], key[0], key[1]))],
        update_conflicts=True,
        unique_fields=["property", "night", "room_type", "rate_plan"],
        update_fields=["price", "single_price", "extra_adult", "child_price"],
        batch_size=5000,
    )
    if cells:
        _tell(hotel, list(cells))
    return len(cells)


@transaction.atomic
def base_prices_set(
    *,
    hotel: Property,
    first: dt.date,
    last: dt.date,
    weekdays: frozenset[int],
    prices: Mapping[uuid.UUID, Decimal],
    tax_percent: Decimal | None = None,
) -> int:
    """Set the base plan's price of each room type for a range of nights and return how many cells that were.

    A hotel without a base plan gets one, with `tax_percent` contained in its prices. Raises as `rates_set`.
    """
    plan = base_rate_plan(hotel)
    if plan is None:
        if tax_percent is None:
            raise InvalidValue(_("The first prices need the tax that they contain. No price was set."), field="tax")
        plan = rate_plan_open(hotel=hotel, tax_percent=tax_percent)
    values = [RateValue(kind, plan.pk, first, last, price, weekdays=weekdays) for kind, price in prices.items()]
    return rates_set(hotel=hotel, values=values)


@transaction.atomic
def rate_plan_open(*, hotel: Property, tax_percent: Decimal) -> RatePlan:
    """Make the base rate plan of a hotel that has none, with the value added tax that its prices contain.

    Who asks second gets what the first one made. Raises `InvalidValue` for a percentage that is none.
    """
    lock_exclusive(Lock.SETUP, hotel.pk)
    found = base_rate_plan(hotel)
    if found is not None:
        return found
    if not TaxRate.objects.filter(property_id=hotel.pk, code=LODGING_TAX).exists():
        first = hotel.business_date.replace(month=1, day=1)
        tax_rate_add(hotel=hotel, code=LODGING_TAX, name=_("VAT"), percent=tax_percent, valid_from=first)
    plan = RatePlan(property=hotel, code="BAR", name=_("Best available rate"), tax_code=LODGING_TAX)
    plan.save()
    return plan


def _cell(hotel: Property, key: tuple[uuid.UUID, uuid.UUID, dt.date], value: RateValue) -> DailyRate:
    single = value.single_price
    return DailyRate(
        property_id=hotel.pk,
        room_type_id=key[0],
        rate_plan_id=key[1],
        night=key[2],
        price=quantize(value.price, hotel.currency),
        single_price=None if single is None else quantize(single, hotel.currency),
        extra_adult=quantize(value.extra_adult, hotel.currency),
        child_price=quantize(value.child_price, hotel.currency),
    )


def _check(hotel: Property, values: Sequence[RateValue]) -> None:
    kinds = set(RoomType.objects.filter(property_id=hotel.pk).values_list("pk", flat=True))
    plans = {plan.pk: plan for plan in RatePlan.objects.filter(property_id=hotel.pk)}
    for place, value in enumerate(values):
        where = f"values.{place}"
        if value.room_type_id not in kinds or value.rate_plan_id not in plans:
            raise WrongHotel(_("This hotel has no such room type or plan. No price was set."), field=where)
        if plans[value.rate_plan_id].derived_from_id:
            raise InvalidValue(_("This plan follows another one. No price was set; set the other's."), field=where)
        if value.last < value.first:
            raise InvalidValue(_("The last night lies before the first. No price was set."), field=f"{where}.to")
        prices = (value.price, value.single_price or ZERO, value.extra_adult, value.child_price)
        if any(price < 0 for price in prices):
            raise InvalidValue(_("A price cannot be negative. No price was set."), field=f"{where}.price")


def _tell(hotel: Property, keys: Iterable[tuple[uuid.UUID, uuid.UUID, dt.date]]) -> None:
    kinds, plans, nights = (sorted(set(column)) for column in zip(*keys, strict=True))
    record_act(
        act="rates.set",
        property_id=hotel.pk,
        target=hotel,
        changes={"nights": [None, f"{nights[0]} – {nights[-1]}"], "room_types": [None, len(kinds)]},
    )
    publish(
        RatesSet(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            room_type_ids=tuple(kinds),
            rate_plan_ids=tuple(plans),
            first=nights[0],
            last=nights[-1],
        )
    )
