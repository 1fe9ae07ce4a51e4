"""Advisory locks live as long as the transaction, are shared or exclusive, and keep other hotels out of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from pms.core.db_errors import sqlstate
from pms.core.locks import Lock, OutsideTransaction, lock_exclusive, lock_shared, try_lock
from pms.settings.environment import TIMEOUTS, database
from tests.committed import rolled_back
from tests.race import Rendezvous, together

HERE, THERE = uuid.uuid4(), uuid.uuid4()


def free_for(race: Rendezvous, ask: Callable[[], object]) -> Callable[[], bool]:
    """Return a call that tells whether `ask` gets its lock at once while the other side holds its own."""

    def work() -> bool:
        race.wait_for("held")
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '60ms'")
                return ask() is not False
        except DatabaseError as error:
            if sqlstate(error) != "55P03":
                raise
            return False
        finally:
            race.reached("asked")

    return work


def holding(race: Rendezvous, take: Callable[[], object]) -> Callable[[], None]:
    """Return a call that holds a lock until the other side has asked for it."""

    def work() -> None:
        with transaction.atomic():
            take()
            race.reached("held")
            race.wait_for("asked")

    return work


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take", [lock_exclusive, lock_shared, try_lock])
def test_a_lock_is_refused_outside_a_transaction(take: Callable[[Lock, object], object]) -> None:
    with pytest.raises(OutsideTransaction, match=r"The lock inventory needs an open transaction"):
        take(Lock.INVENTORY, HERE)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("held", "asked", "free"),
    [
        (lambda: lock_shared(Lock.BUSINESS_DAY, HERE), lambda: lock_shared(Lock.BUSINESS_DAY, HERE), True),
        (lambda: lock_shared(Lock.BUSINESS_DAY, HERE), lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), False),
        (lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), lambda: lock_shared(Lock.BUSINESS_DAY, HERE), False),
        (lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), False),
        (lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), lambda: try_lock(Lock.BUSINESS_DAY, HERE), False),
        (lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), lambda: lock_exclusive(Lock.BUSINESS_DAY, THERE), True),
        (lambda: lock_exclusive(Lock.BUSINESS_DAY, HERE), lambda: lock_exclusive(Lock.INVENTORY, HERE), True),
    ],
    ids=[
        "many share",
        "sharers keep an exclusive one out",
        "an exclusive holder keeps sharers out",
        "an exclusive holder keeps others out",
        "a try does not wait",
        "another hotel is unaffected",
        "another lock is unaffected",
    ],
)
def test_who_may_hold_a_lock_beside_another(
    held: Callable[[], object], asked: Callable[[], object], *, free: bool
) -> None:
    race = Rendezvous()

    _, got = together(holding(race, held), free_for(race, asked))

    assert got is free


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_held_to_the_end_of_the_transaction_not_of_a_block_in_it() -> None:
    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            return int(cursor.fetchone()[0])

    with transaction.atomic():
        with transaction.atomic():
            lock_exclusive(Lock.NUMBER_SERIES, HERE)
        assert count() == 1
    assert count() == 0

    with rolled_back():
        lock_exclusive(Lock.NUMBER_SERIES, HERE)
    assert count() == 0


def test_a_web_request_waits_three_seconds_for_a_lock_and_five_for_a_statement() -> None:
    assert "lock_timeout=3s" in TIMEOUTS["web"]
    assert "statement_timeout=5s" in TIMEOUTS["web"]
    assert "idle_in_transaction_session_timeout=30s" in TIMEOUTS["web"]
    assert database("postgres://a@b/c", process="web")["OPTIONS"]["options"] == TIMEOUTS["web"]
