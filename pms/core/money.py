"""Money: exact decimals, rounded half-up to the currency's minor unit at the door (domain.md 8)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from iso4217 import Currency

# The digits after the point of each currency of ISO 4217 that money is counted in: metals and units of account have
# none there, and those with four (CLF, UYW) do not fit our columns.
DIGITS: dict[str, int] = {one.code: one.exponent for one in Currency if one.exponent is not None and one.exponent <= 3}

ZERO = Decimal(0)


class MoneyField(models.DecimalField):
    """An amount in the property's currency: `numeric(14,3)`, wide enough for every minor unit."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 3)
        super().__init__(*args, **options)


def minor_digits(currency: str) -> int:
    """Return how many digits `currency` has after the point (ISO 4217); two if it is not on the list any more."""
    return DIGITS.get(currency, 2)


def is_currency(code: str) -> bool:
    """Tell whether a hotel can keep its books in `code`."""
    return code in DIGITS


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` rounded half-up to the minor unit of `currency`."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_UP)


def as_json(amount: Decimal, currency: str) -> dict[str, str]:
    """Return the public form of an amount: `{"amount": "119.00", "currency": "EUR"}` (api.md)."""
    return {"amount": str(quantize(amount, currency)), "currency": currency}
