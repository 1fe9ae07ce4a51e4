"""The store of sign-in limits: a Django cache whose rows stand in PostgreSQL.

A restarted or flushed Redis must not give an attacker fresh tries, and one that is away must not lock the hotel out.
Without PostgreSQL nobody can sign in anyway, so the limits are there exactly as long as there is a door to guard.
Few rows, short lives: failed tries, and one-time codes that were used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

# The clock of the database: those of two web hosts differ. It goes on inside a transaction, unlike now().
WRITE = """
    INSERT INTO accounts_counter (key, value, expires_at)
    VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
ADD = WRITE + " WHERE accounts_counter.expires_at <= clock_timestamp() RETURNING key"
READ = "SELECT value FROM accounts_counter WHERE key = %s AND expires_at > clock_timestamp()"
DELETE = "DELETE FROM accounts_counter WHERE key = %s"
PRUNE = "DELETE FROM accounts_counter WHERE expires_at <= clock_timestamp()"
FOR_EVER = 10 * 365 * 86400


class CounterCache(BaseCache):
    """What django-allauth needs of a cache; values are JSON. Each call is one statement, atomic by itself."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value unless there is one; tell whether it was stored. Of two at once one is."""
        row = _run(ADD, self._row(key, value, timeout, version))
        return row is not None

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default` where there is none any more."""
        row = _run(READ, [self.make_and_validate_key(key, version=version)])
        return default if row is None else json.loads(row[0])

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value over any other."""
        _run(WRITE, self._row(key, value, timeout, version), returns=False)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget the value."""
        _run(DELETE, [self.make_and_validate_key(key, version=version)], returns=False)
        return True

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> list[Any]:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        key = self.make_and_validate_key(key, version=version)
        return [key, json.dumps(value), FOR_EVER if seconds is None else float(seconds)]


def prune() -> None:
    """Forget what ran out."""
    _run(PRUNE, [], returns=False)


def _run(statement: str, values: Iterable[Any], *, returns: bool = True) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchone() if returns else None
