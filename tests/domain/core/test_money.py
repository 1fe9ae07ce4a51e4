"""Money is rounded half-up to the currency's minor unit, and split without losing a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pms.core import money

CURRENCIES = ["EUR", "JPY", "KWD"]


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
    ("amount", "parts", "currency", "shares"),
    [
        ("100.00", 3, "EUR", ["33.33", "33.33", "33.34"]),
        ("200.00", 3, "EUR", ["66.67", "66.67", "66.66"]),
        ("-100.00", 3, "EUR", ["-33.33", "-33.33", "-33.34"]),
        ("1000", 3, "JPY", ["333", "333", "334"]),
        ("1.000", 3, "KWD", ["0.333", "0.333", "0.334"]),
        ("0.05", 10, "EUR", ["0.00"] * 9 + ["0.05"]),
        ("12.34", 1, "EUR", ["12.34"]),
    ],
)
def test_a_split_leaves_the_remainder_on_the_last_part(
    amount: str, parts: int, currency: str, shares: list[str]
) -> None:
    assert [str(share) for share in money.split_evenly(Decimal(amount), parts, currency)] == shares


@given(cents=some.integers(-(10**9), 10**9), parts=some.integers(1, 400), currency=some.sampled_from(CURRENCIES))
def test_a_split_adds_up_exactly_and_no_part_turns_its_sign(cents: int, parts: int, currency: str) -> None:
    amount = Decimal(cents).scaleb(-money.minor_digits(currency))

    shares = money.split_evenly(amount, parts, currency)

    assert len(shares) == parts
    assert sum(shares) == amount
    assert all(share * amount >= 0 for share in shares)
    assert all(share == money.quantize(share, currency) for share in shares)


def test_the_public_form_carries_the_minor_unit_as_text() -> None:
    assert money.as_json(Decimal("119"), "EUR") == {"amount": "119.00", "currency": "EUR"}
    assert money.as_json(Decimal("119"), "JPY") == {"amount": "119", "currency": "JPY"}


def test_a_money_field_is_wide_enough_for_every_minor_unit() -> None:
    field = money.MoneyField()

    assert (field.max_digits, field.decimal_places) == (14, 3)
