"""How sums, days and names are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from pms.core.templatetags import ui


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", Decimal("1234.5"), "EUR", "€1,234.50"),
        ("de", Decimal("1234.5"), "EUR", "1.234,50\xa0€"),
        ("es", Decimal("1234.5"), "EUR", "1\xa0234,50\xa0€"),
        ("en", Decimal("-17"), "EUR", "\N{MINUS SIGN}€17.00"),
        ("en", Decimal("17"), "CHF", "CHF\xa017.00"),
        ("de", Decimal("17"), "CHF", "17,00\xa0CHF"),
        ("en", Decimal("1234.5"), "JPY", "¥1,235"),
        ("en", Decimal("1.2345"), "KWD", "KWD\xa01.235"),
        ("en", Decimal("0.005"), "EUR", "€0.01"),
        ("en", Decimal("12"), "", "12.00"),
        ("en", None, "EUR", ""),
    ],
)
def test_a_sum_is_written_as_the_reader_writes_it(
    language: str, amount: Decimal | None, currency: str, written: str
) -> None:
    with translation.override(language):
        assert ui.money(amount, currency) == written


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Hugo Becker", "HB"), ("Maria", "MA"), ("Ana de la Cruz", "AC"), ("Anna-Lena Vogt", "AV"), ("", "?"), ("…", "?")],
)
def test_two_letters_stand_for_a_person(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_a_day_names_its_weekday_and_year() -> None:
    assert ui.day(date(2026, 3, 14)) == "Sat 14 Mar 2026"
    assert ui.day(None) == ""
