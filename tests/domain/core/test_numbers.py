"""Figures as people type them are read where they mean one thing, and refused in words where they may mean two."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pms.core.numbers import Ambiguous, ColumnDecimalField, DecimalField, read_decimal


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("typed", "places", "read"),
    [
        ("5.50", 2, "5.50"), ("5,50", 2, "5.50"), ("5,5", 2, "5.5"), ("5", 2, "5"), (",5", 2, "0.5"), ("5.", 2, "5"),
        (" 5,50 ", 2, "5.50"), ("-5,50", 2, "-5.50"), ("−5", 2, "-5"), ("+5", 2, "5"), ("0,05", 2, "0.05"),
        ("1.234,50", 2, "1234.50"), ("1,234.50", 2, "1234.50"), ("1 234,50", 2, "1234.50"), ("1’234.50", 2, "1234.50"),
        ("1\u00a0234,50", 2, "1234.50"), ("1 234", 2, "1234"), ("1.234.567", 2, "1234567"), ("1234,5", 2, "1234.5"),
        ("1,234,567.8", 2, "1234567.8"), ("0,5000", 4, "0.5"),
        ("1,234", 0, "1234"), ("1.234", 3, "1.234"), ("1,234", 3, "1.234"), ("0012", 2, "12"),
        ("1234,567", 3, "1234.567"),
    ],
)  # fmt: skip
def test_what_means_one_thing_is_read_in_every_language(language: str, typed: str, places: int, read: str) -> None:
    with translation.override(language):
        assert DecimalField(decimal_places=places).to_python(typed) == Decimal(read)


@pytest.mark.parametrize(("typed", "read"), [("5", 5), ("1200", 1200), ("1,200", 1200), ("1 200", 1200), ("5.", 5)])
def test_whole_figures_pass_where_a_currency_has_no_digits_behind_the_point(typed: str, read: int) -> None:
    field = DecimalField(decimal_places=0, max_digits=10)

    assert field.clean(typed) == read
    for wrong in ("5.5", "5,0", "1,200.00"):
        with pytest.raises(forms.ValidationError):
            field.clean(wrong)


@pytest.mark.parametrize("typed", ["1,234", "1.234", "12,345", "-1.000"])
def test_what_may_mean_two_things_is_not_guessed(typed: str) -> None:
    with pytest.raises(Ambiguous):
        read_decimal(typed, places=2)


@pytest.mark.parametrize(
    "typed", ["", ".", "-", "5,,5", "1,2,3", "1.23.456", "1,234,56", "1 23", "5 €", "1e5", "NaN", "²", "٣"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its words are the field's
        read_decimal(typed, places=2)
    assert not isinstance(refused.value, Ambiguous)


def test_a_column_reads_back_what_it_shows() -> None:
    field = ColumnDecimalField(decimal_places=3, max_digits=14)

    assert [field.clean(typed) for typed in ("12.600", "7,5", "1234", "1.234,5")] == [
        Decimal("12.6"), Decimal("7.5"), Decimal(1234), Decimal("1234.5"),
    ]  # fmt: skip
    for wrong in ("1,234", "12.6004", "x", ""):
        with pytest.raises(forms.ValidationError):
            field.clean(wrong)


class Bill(forms.Form):
    amount = DecimalField(decimal_places=2, max_digits=10, min_value=0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,234", "“1,234” can mean two things. Write 1234, or 2 digits at most behind the “,”."),
        ("1.234", "“1.234” can mean two things. Write 1234, or 2 digits at most behind the “.”."),
        ("much", "Write a number such as 5.50 or 5,50."),
        ("5,5555", "Ensure that there are no more than 2 decimal places."),
        ("-5,50", "Ensure this value is greater than or equal to 0."),
        ("", "This field is required."),
    ],
)
def test_a_refusal_says_how_and_keeps_what_was_typed(typed: str, said: str) -> None:
    form = Bill({"amount": typed})

    assert form.errors["amount"] == [said]
    assert form["amount"].value() == typed


@given(st.decimals(min_value=-9_999_999, max_value=9_999_999, places=2))
def test_whatever_python_and_people_write_comes_back(amount: Decimal) -> None:
    written = f"{amount:,.2f}"

    assert read_decimal(str(amount), places=2) == read_decimal(str(amount).replace(".", ","), places=2) == amount
    assert read_decimal(written, places=2) == amount
    assert read_decimal(written.translate(str.maketrans(",.", ".,")), places=2) == amount
