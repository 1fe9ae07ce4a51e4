"""Money: exact decimals, rounded half-up to the currency's minor unit at the door (domain.md 8)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models

# ISO 4217 currencies whose minor unit is not a hundredth.
NO_MINOR_UNIT = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905 - reads as a list
)
THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

ZERO = Decimal(0)


class MoneyField(models.DecimalField):
    """An amount in the property's currency: `numeric(14,3)`, wide enough for every minor unit."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 3)
        super().__init__(*args, **options)


def minor_digits(currency: str) -> int:
    """Return how many digits `currency` has after the point (ISO 4217)."""
    if currency in NO_MINOR_UNIT:
        return 0
    return 3 if currency in THOUSANDTHS else 2


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` rounded half-up to the minor unit of `currency`."""
    return amount.quantize(Decimal(1).scaleb(-minor_digits(currency)), rounding=ROUND_HALF_UP)


def as_json(amount: Decimal, currency: str) -> dict[str, str]:
    """Return the public form of an amount: `{"amount": "119.00", "currency": "EUR"}` (api.md)."""
    return {"amount": str(quantize(amount, currency)), "currency": currency}
