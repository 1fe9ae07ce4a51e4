"""How sums, days and names are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from pms.core.templatetags import ui


@pytest.mark.parametrize(
    ("language", "amount", "currency", "written"),
    [
        ("en", Decimal("1234.5"), "EUR", "€1,234.50"),
        ("de", Decimal("1234.5"), "EUR", "1.234,50\xa0€"),
        ("es", Decimal("1234.5"), "EUR", "1.234,50\xa0€"),
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


@pytest.mark.parametrize(
    ("zone", "full", "short", "time"),
    [
        ("UTC", "Sat 14 Mar 2026", "Sat 14 Mar", "23:30"),
        ("Europe/Berlin", "Sun 15 Mar 2026", "Sun 15 Mar", "00:30"),
        ("America/New_York", "Sat 14 Mar 2026", "Sat 14 Mar", "19:30"),
        ("Pacific/Kiritimati", "Sun 15 Mar 2026", "Sun 15 Mar", "13:30"),
    ],
)
def test_a_moment_is_written_as_the_hotels_wall_clock_and_calendar_tell_it(
    zone: str, full: str, short: str, time: str
) -> None:
    moment = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)

    with timezone.override(zone):
        assert (ui.day(moment), ui.short_day(moment), ui.clock(moment)) == (full, short, time)


def test_a_day_and_a_time_without_a_zone_stay_as_they_are() -> None:
    naive = datetime(2026, 3, 14, 23, 30)  # noqa: DTZ001 - a time as a person typed it

    with timezone.override("Pacific/Kiritimati"):
        assert (ui.day(naive), ui.clock(naive)) == ("Sat 14 Mar 2026", "23:30")
        assert ui.short_day(date(2026, 3, 14)) == "Sat 14 Mar"
        assert (ui.day(None), ui.short_day(None), ui.clock(None)) == ("", "", "")


def test_a_day_names_its_weekday_and_year() -> None:
    assert ui.day(date(2026, 3, 14)) == "Sat 14 Mar 2026"
    assert ui.day(None) == ""
