"""Money is rounded half-up to the currency's minor unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pms.core import money


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("1.004", "EUR", "1.00"),
        ("-1.005", "EUR", "-1.01"),
        ("2.5", "JPY", "3"),
        ("2.4999", "JPY", "2"),
        ("1.0005", "KWD", "1.001"),
        ("1.00049", "KWD", "1.000"),
        ("119", "EUR", "119.00"),
    ],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert str(money.quantize(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("CHF", 2), ("ISK", 0), ("HUF", 2), ("DEM", 2)],
)
def test_every_currency_has_its_minor_unit(currency: str, digits: int) -> None:
    assert money.minor_digits(currency) == digits


@pytest.mark.parametrize("code", ["EUX", "eur", "", "DEM", "XAU", "XXX", "CLF", "€"])
def test_what_a_hotel_cannot_keep_its_books_in_is_no_currency(code: str) -> None:
    assert not money.is_currency(code)
    assert money.is_currency("EUR") and money.is_currency("JPY") and money.is_currency("KWD")


def test_the_public_form_carries_the_minor_unit_as_text() -> None:
    assert money.as_json(Decimal("119"), "EUR") == {"amount": "119.00", "currency": "EUR"}
    assert money.as_json(Decimal("119"), "JPY") == {"amount": "119", "currency": "JPY"}


def test_a_money_field_is_wide_enough_for_every_minor_unit() -> None:
    field = money.MoneyField()

    assert (field.max_digits, field.decimal_places) == (14, 3)
