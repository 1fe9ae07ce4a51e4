"""When pages show something else though nothing happened: the hotel's wall clock turned its day, or part of it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

MORNING, AFTERNOON, EVENING = 4, 12, 18  # hours
TURNS = (0, MORNING, AFTERNOON, EVENING)


def part_of_day(moment: dt.datetime) -> str:
    """Return the part of the day on the wall clock: morning, afternoon or evening (from 18:00 to 4:00)."""
    if MORNING <= moment.hour < AFTERNOON:
        return "morning"
    return "afternoon" if AFTERNOON <= moment.hour < EVENING else "evening"


def next_turn(now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the moment (UTC) after `now` at which the day or its part turns in `zone`.

    An hour that the clock leaves out turns when the clock jumps over it; one that comes twice, the first time.
    """
    today = now.astimezone(zone).date()
    walls = (dt.datetime.combine(today + dt.timedelta(days), dt.time(hour)) for days in (0, 1) for hour in TURNS)
    moments = (wall.replace(tzinfo=zone).astimezone(dt.UTC) for wall in walls)
    return next(moment for moment in moments if moment > now)
