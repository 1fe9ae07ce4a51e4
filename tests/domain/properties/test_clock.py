"""The moments at which the hotel's wall clock turns what pages show."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from properties.clock import next_turn, part_of_day

CASES = [
    ("Europe/Berlin", "2026-11-23T22:59:59", "2026-11-23T23:00:00"),  # midnight on the wall
    ("Europe/Berlin", "2026-11-23T23:00:00", "2026-11-24T03:00:00"),
    ("Europe/Berlin", "2026-11-23T23:01:00", "2026-11-24T03:00:00"),
    ("Europe/Berlin", "2026-11-23T17:30:00", "2026-11-23T23:00:00"),
    ("Europe/Berlin", "2026-03-28T23:00:00", "2026-03-29T02:00:00"),  # the night that is an hour short
    ("Europe/Berlin", "2026-10-24T22:00:00", "2026-10-25T03:00:00"),  # the night that is an hour long
    ("Africa/Cairo", "2026-04-23T21:30:00", "2026-04-23T22:00:00"),  # there is no midnight: it jumps to one o'clock
    ("America/Havana", "2026-11-01T03:30:00", "2026-11-01T04:00:00"),  # midnight comes twice: the first
    ("America/Havana", "2026-11-01T04:30:00", "2026-11-01T09:00:00"),
    ("Asia/Kathmandu", "2026-06-01T18:00:00", "2026-06-01T18:15:00"),
]


@pytest.mark.parametrize(("zone", "now", "turn"), CASES)
def test_the_next_turn(zone: str, now: str, turn: str) -> None:
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)

    assert next_turn(moment, ZoneInfo(zone)) == dt.datetime.fromisoformat(turn).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe"])
def test_between_two_turns_neither_the_day_nor_its_part_changes(zone: str) -> None:
    there = ZoneInfo(zone)

    def sight(moment: dt.datetime) -> tuple[dt.date, str]:
        wall = moment.astimezone(there)
        return wall.date(), part_of_day(wall)

    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    while now.year == 2026:
        turn = next_turn(now, there)
        assert sight(now) == sight(turn - dt.timedelta(seconds=1))
        now = turn
