"""The trial hotel's transaction codes and number series."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from properties.models import Property
from reservations.seed import EXTRAS_TAX, LODGING_TAX

from .models import TransactionCode
from .selectors.books import codes_of
from .services.books import books_open

Kind = TransactionCode.Kind
CODES = (
    ("room", "Room", Kind.REVENUE, LODGING_TAX, None),
    ("breakfast_food", "Breakfast, food", Kind.REVENUE, LODGING_TAX, None),
    ("breakfast_drinks", "Breakfast, drinks", Kind.REVENUE, EXTRAS_TAX, None),
    ("minibar", "Minibar", Kind.REVENUE, EXTRAS_TAX, Decimal("9.50")),
    ("parking", "Parking", Kind.REVENUE, EXTRAS_TAX, Decimal("15.00")),
    ("city_tax", "City tax", Kind.PASS_THROUGH, "", None),
    ("cash", "Cash", Kind.PAYMENT, "", None),
)


def seed(hotel: Property, options: Any) -> None:
    """Give the trial hotel its books (a provider of the slot "seed")."""
    trial_books(hotel)


def trial_books(hotel: Property) -> None:
    """Add the transaction codes and the invoice series to the hotel; what a new hotel has already gets its taxes."""
    books_open(hotel=hotel)
    known = {code.code: code for code in codes_of(hotel.pk)}
    for code, name, kind, tax_code, price in CODES:
        row = known.get(code) or TransactionCode(property=hotel, code=code, kind=kind)
        row.name, row.tax_code, row.price = name, tax_code, price
        row.save()
