"""How soon the web process meets a database that comes back."""

from __future__ import annotations

from psycopg_pool import ConnectionPool
from psycopg_pool.base import AttemptWithBackoff

from pms.settings.environment import database

POOL = database("postgres://pms@localhost/pms", process="web")["OPTIONS"]["pool"]


def longest_pause(reconnect_timeout: float) -> float:
    """Return the longest pause between two attempts of the pool at a database that does not answer, in seconds."""
    attempt, now, longest = AttemptWithBackoff(timeout=reconnect_timeout), 0.0, 0.0
    while not attempt.time_to_give_up(now):
        attempt.update_delay(now)
        now += attempt.delay
        longest = max(longest, attempt.delay)
    return longest


def test_between_two_attempts_lie_few_seconds() -> None:
    assert longest_pause(POOL["reconnect_timeout"]) <= 3


def test_control_by_default_the_pauses_grow_with_the_outage() -> None:
    default = ConnectionPool("", open=False).reconnect_timeout

    assert longest_pause(default) > 60


def test_connections_that_died_are_not_handed_out() -> None:
    assert database("postgres://pms@localhost/pms", process="web")["CONN_HEALTH_CHECKS"]
