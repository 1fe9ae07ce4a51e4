"""Advisory locks: every key of the house in one registry, held to the end of the transaction only.

The order in which locks are taken is one for the whole project (docs/adr/0004-lock-order.md). Session-level locks are
not offered: behind a transaction-pooling proxy they would outlive their owner.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import connection


class Lock(StrEnum):
    """What an advisory lock guards; the value is part of the key, so it never changes."""

    BUSINESS_DAY = "business_day"
    INVENTORY = "inventory"
    IDEMPOTENCY = "idempotency"
    NUMBER_SERIES = "number_series"
    SETUP = "setup"
    AUDIT_CHAIN = "audit_chain"


class OutsideTransaction(RuntimeError):
    """A lock or record was asked for in autocommit, where it would be gone before the work begins."""


def require_transaction(what: str) -> None:
    """Raise `OutsideTransaction` unless a transaction is open."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{what} needs an open transaction: wrap the service in transaction.atomic.")


def lock_exclusive(lock: Lock, key: object) -> None:
    """Wait for the exclusive lock on `key`, at most `lock_timeout`; it is released at commit or rollback."""
    _take("pg_advisory_xact_lock", lock, key)


def lock_shared(lock: Lock, key: object) -> None:
    """Wait for a share of the lock on `key`: many may hold it, an exclusive holder excludes them."""
    _take("pg_advisory_xact_lock_shared", lock, key)


def try_lock(lock: Lock, key: object) -> bool:
    """Take the exclusive lock on `key` if it is free now, and tell whether it was."""
    return bool(_take("pg_try_advisory_xact_lock", lock, key))


def _take(function: str, lock: Lock, key: object) -> object:
    require_transaction(f"The lock {lock.value}")
    with connection.cursor() as cursor:
        # `function` is one of the three literals above.
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"{lock.value}:{key}"])
        return cursor.fetchone()[0]
