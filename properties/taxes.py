"""Tax arithmetic: pure functions, rounded half-up to the currency's minor unit per line (domain.md 8).

Reservations quote with it and folios post with it, so an offer equals the folio to the cent.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from pms.core.errors import DomainError, Kind
from pms.core.money import ZERO, quantize
from pms.core.templatetags.ui import day

from .models import CityTax, TaxRate

HUNDRED = Decimal(100)


class TaxRateMissing(DomainError, code="tax_rate_missing", kind=Kind.RULE):
    """A price names a tax code that has no rate on its service date."""


@dataclass(frozen=True, slots=True)
class Split:
    """A gross amount taken apart: `gross == net + tax`, exactly."""

    gross: Decimal
    net: Decimal
    tax: Decimal


def split_gross(gross: Decimal, percent: Decimal, currency: str) -> Split:
    """Return net and tax contained in `gross`: `net = round(gross / (1 + rate))`, the rest is tax."""
    net = quantize(gross / (1 + percent / HUNDRED), currency)
    return Split(gross, net, gross - net)


class TaxTable:
    """The tax rates of one hotel, read once, asked by code and service date."""

    def __init__(self, rates: Iterable[TaxRate]) -> None:
        self._rates = sorted(rates, key=lambda rate: rate.valid_from, reverse=True)

    @classmethod
    def of(cls, property_id: uuid.UUID) -> TaxTable:
        """Return the table of the hotel."""
        return cls(TaxRate.objects.filter(property_id=property_id))

    def percent(self, code: str, on: dt.date) -> Decimal:
        """Return the percentage of `code` valid on the service date `on`. Raises `TaxRateMissing`."""
        for rate in self._rates:
            if rate.code == code and rate.valid_from <= on:
                return rate.percent
        raise TaxRateMissing(
            _("There is no tax rate “%(code)s” for %(day)s. Nothing was priced; add the rate in the settings.")
            % {"code": code, "day": day(on)},
            tax_code=code,
            date=on.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class LodgingNight:
    """What a night costs, as far as a city tax on a percentage needs it."""

    night: dt.date
    gross: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class CityTaxNight:
    """The city tax of one night: how many persons owe it, and the amount in all."""

    night: dt.date
    persons: int
    amount: Decimal


def liable_persons(rule: CityTax, *, adults: int, children: Sequence[int]) -> int:
    """Return how many of the party owe the tax: declared adults, and children by their age on arrival."""
    return adults + sum(1 for age in children if age >= rule.min_age)


class CityTaxTable:
    """The city tax rules of one hotel, read once, asked by service date."""

    def __init__(self, rules: Iterable[CityTax]) -> None:
        self._rules = sorted(rules, key=lambda rule: rule.valid_from, reverse=True)

    @classmethod
    def of(cls, property_id: uuid.UUID) -> CityTaxTable:
        """Return the table of the hotel; it may be empty."""
        return cls(CityTax.objects.filter(property_id=property_id))

    def rule(self, on: dt.date) -> CityTax | None:
        """Return the rule valid on the service date `on`, if there is one."""
        return next((rule for rule in self._rules if rule.valid_from <= on), None)


def city_tax(
    table: CityTaxTable,
    nights: Sequence[LodgingNight],
    *,
    adults: int,
    children: Sequence[int] = (),
    nights_before: int = 0,
    currency: str,
) -> list[CityTaxNight]:
    """Return the tax night by night, each rounded by itself, so that offer and folio agree (apaleo/api #373).

    Each night takes the rule valid on its date. `nights_before` counts nights of linked stays that already used up
    part of the cap.
    """
    everybody = adults + len(children)
    taxed = []
    for place, night in enumerate(nights, start=nights_before):
        rule = table.rule(night.night)
        if rule is None or (rule.max_nights is not None and place >= rule.max_nights):
            continue
        persons = liable_persons(rule, adults=adults, children=children)
        if persons:
            taxed.append(CityTaxNight(night.night, persons, _tax_of(rule, night, persons, everybody, currency)))
    return taxed


def _tax_of(rule: CityTax, night: LodgingNight, persons: int, everybody: int, currency: str) -> Decimal:
    if rule.base == CityTax.Base.FLAT:
        return quantize(rule.amount * persons, currency)
    base = night.net if rule.base == CityTax.Base.NET else night.gross
    share = base if persons == everybody else base * persons / everybody
    return quantize(share * rule.percent / HUNDRED, currency)


def total(nights: Iterable[CityTaxNight]) -> Decimal:
    """Return the tax of all nights."""
    return sum((night.amount for night in nights), ZERO)
