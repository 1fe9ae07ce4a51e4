"""What a stay costs: pure arithmetic over prices that were read before (domain.md 8).

A night's price consists of parts, each with its own tax code: the room, and what the plan includes. The same parts are
stored with the reservation and posted by the night audit, so offer, reservation and folio agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pms.core.money import ZERO, quantize
from properties.models import RoomType
from properties.taxes import CityTaxNight, LodgingNight, TaxTable, split_gross

from .models import DailyRate, PackagePart, RatePlan

ROOM = "room"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a night's gross price: what it is for, how much, under which tax code."""

    code: str
    amount: Decimal
    tax_code: str

    def as_json(self) -> dict[str, str]:
        """Return the form in which it is stored with the night."""
        return {"code": self.code, "amount": str(self.amount), "tax_code": self.tax_code}


@dataclass(frozen=True, slots=True)
class PricedNight:
    """One night of a stay as it is sold."""

    night: dt.date
    parts: tuple[Part, ...]

    @property
    def price(self) -> Decimal:
        """Return the gross price of the night."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def room_price(self) -> Decimal:
        """Return the gross price of the room alone."""
        return sum((part.amount for part in self.parts if part.code == ROOM), ZERO)

    def parts_json(self) -> list[dict[str, Any]]:
        """Return the parts as they are stored."""
        return [part.as_json() for part in self.parts]


def price_night(
    *,
    plan: RatePlan,
    package: Iterable[PackagePart],
    rate: DailyRate,
    kind: RoomType,
    adults: int,
    children: Sequence[int],
    currency: str,
) -> PricedNight:
    """Return the night of `rate` for this party.

    The daily price covers the room for up to two adults (one, if it sleeps one); `single_price` replaces it for one,
    further adults and children add theirs.
    """
    included = min(2, kind.max_adults)
    room = rate.single_price if adults == 1 and rate.single_price is not None else rate.price
    room += rate.extra_adult * max(0, adults - included) + rate.child_price * len(children)
    parts = [Part(ROOM, quantize(room, currency), plan.tax_code)]
    parts += [Part(part.code, quantize(part.amount * adults, currency), part.tax_code) for part in package]
    return PricedNight(rate.night, tuple(parts))


def lodging(nights: Iterable[PricedNight], table: TaxTable, currency: str) -> list[LodgingNight]:
    """Return the room price of each night, gross and net, as a city tax on a percentage needs it."""
    result = []
    for night in nights:
        room = [part for part in night.parts if part.code == ROOM]
        net = sum((split_gross(p.amount, table.percent(p.tax_code, night.night), currency).net for p in room), ZERO)
        result.append(LodgingNight(night.night, night.room_price, net))
    return result


def taxes_contained(nights: Iterable[PricedNight], table: TaxTable, currency: str) -> dict[str, Decimal]:
    """Return the value added tax contained in the nights by tax code, each line rounded by itself."""
    sums: dict[str, Decimal] = {}
    for night in nights:
        for part in night.parts:
            tax = split_gross(part.amount, table.percent(part.tax_code, night.night), currency).tax
            sums[part.tax_code] = sums.get(part.tax_code, ZERO) + tax
    return sums


@dataclass(frozen=True, slots=True)
class Quote:
    """A stay with its price: `total` is what the nights cost, `city_tax` comes on top."""

    nights: tuple[PricedNight, ...]
    city_tax: tuple[CityTaxNight, ...]
    contained: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        """Return the gross price of all nights, without city tax."""
        return sum((night.price for night in self.nights), ZERO)

    @property
    def city_tax_total(self) -> Decimal:
        """Return the city tax of all nights."""
        return sum((night.amount for night in self.city_tax), ZERO)

    @property
    def grand_total(self) -> Decimal:
        """Return what the guest pays in the end."""
        return self.total + self.city_tax_total
