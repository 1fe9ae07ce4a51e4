"""What Postgres refuses is answered as written: real refusals, not invented ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from pms.core import db_errors
from pms.core.errors import AlreadyTaken, Busy, DatabaseAway, DomainError
from pms.core.locks import Lock, lock_exclusive
from tests.race import Rendezvous, together

pytestmark = pytest.mark.django_db(transaction=True)


class PeriodClosed(DomainError, code="test_period_closed"):
    """One of our own refusals, raised by a trigger."""


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def refusal(work: Callable[[], Any]) -> DatabaseError:
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        work()
    return refused.value


def take(key: str, *, patience: str) -> None:
    execute(f"SET LOCAL lock_timeout = '{patience}'")
    lock_exclusive(Lock.INVENTORY, key)


@pytest.fixture
def bookings() -> Any:
    """A table with the constraints that bookings will have."""
    execute(
        "CREATE TABLE race_booking (room int, stay daterange, code text CONSTRAINT race_code UNIQUE, "
        "price int CONSTRAINT price_is_unique_enough CHECK (price > 0), "
        "CONSTRAINT race_stay EXCLUDE USING gist (room WITH =, stay WITH &&))"
    )
    yield
    execute("DROP TABLE race_booking")


@pytest.mark.usefixtures("bookings")
def test_a_unique_violation_is_already_taken_and_names_the_constraint() -> None:
    execute("INSERT INTO race_booking (code) VALUES ('A')")

    error = refusal(lambda: execute("INSERT INTO race_booking (code) VALUES ('A')"))

    answer = db_errors.domain_error(error)
    assert db_errors.sqlstate(error) == "23505"
    assert isinstance(answer, AlreadyTaken)
    assert answer.facts == {"constraint": "race_code"}


@pytest.mark.usefixtures("bookings")
def test_an_exclusion_violation_is_already_taken() -> None:
    stay = "INSERT INTO race_booking (room, stay) VALUES (1, '[2026-11-22,2026-11-24)')"
    execute(stay)

    error = refusal(lambda: execute(stay))

    answer = db_errors.domain_error(error)
    assert db_errors.sqlstate(error) == "23P01"
    assert isinstance(answer, AlreadyTaken)
    assert answer.facts == {"constraint": "race_stay"}


@pytest.mark.usefixtures("bookings")
def test_a_constraint_may_have_an_answer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_errors, "_by_constraint", {})
    db_errors.on_constraint("race_code", lambda diagnostics: PeriodClosed(diagnostics.message_detail))
    execute("INSERT INTO race_booking (code) VALUES ('A')")

    error = refusal(lambda: execute("INSERT INTO race_booking (code) VALUES ('A')"))

    assert str(db_errors.domain_error(error)) == "Key (code)=(A) already exists."


@pytest.mark.usefixtures("bookings")
def test_a_broken_check_is_a_fault_of_ours() -> None:
    error = refusal(lambda: execute("INSERT INTO race_booking (price) VALUES (0)"))

    assert isinstance(error, IntegrityError)
    assert db_errors.sqlstate(error) == "23514"
    assert db_errors.domain_error(error) is None


def test_a_lock_that_is_not_to_be_had_is_busy_within_its_limit() -> None:
    race = Rendezvous()

    def hold() -> None:
        with transaction.atomic():
            lock_exclusive(Lock.INVENTORY, "h1")
            race.reached("held")
            race.wait_for("refused")

    def ask() -> tuple[float, DatabaseError]:
        race.wait_for("held")
        started = time.monotonic()
        try:
            error = refusal(lambda: take("h1", patience="300ms"))
            return time.monotonic() - started, error
        finally:
            race.reached("refused")

    held, (waited, error) = together(hold, ask)

    assert held is None
    assert 0.25 < waited < 1.5
    assert db_errors.sqlstate(error) == "55P03"
    assert isinstance(db_errors.domain_error(error), Busy)
    assert db_errors.is_contention(error)


def test_a_deadlock_is_busy() -> None:
    race = Rendezvous()

    def cross(first: str, second: str) -> Callable[[], None]:
        def work() -> None:
            with transaction.atomic():
                lock_exclusive(Lock.INVENTORY, first)
                race.reached(first)
                race.wait_for(second)
                lock_exclusive(Lock.INVENTORY, second)

        return work

    results = together(cross("a", "b"), cross("b", "a"))

    (error,) = [result for result in results if result is not None]
    assert db_errors.sqlstate(error) == "40P01"
    assert isinstance(db_errors.domain_error(error), Busy)
    assert db_errors.is_contention(error)


def test_a_statement_that_takes_too_long_is_busy_but_not_tried_again() -> None:
    def slow() -> None:
        execute("SET LOCAL statement_timeout = '50ms'")
        execute("SELECT pg_sleep(5)")

    error = refusal(slow)

    assert db_errors.sqlstate(error) == "57014"
    assert isinstance(db_errors.domain_error(error), Busy)
    assert not db_errors.is_contention(error)


def test_one_of_our_own_states_has_an_answer_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_errors, "_by_state", {})
    db_errors.on_sqlstate("PM001", lambda diagnostics: PeriodClosed(diagnostics.message_primary))

    error = refusal(lambda: execute("DO $$ BEGIN RAISE 'The day is closed.' USING ERRCODE = 'PM001'; END $$"))

    answer = db_errors.domain_error(error)
    assert isinstance(answer, PeriodClosed)
    assert answer.message == "The day is closed."


@pytest.mark.parametrize("state", ["53300", "53100", "57P01", "08006"])
def test_a_database_without_means_or_on_its_way_down_is_away(state: str) -> None:
    error = refusal(lambda: execute(f"DO $$ BEGIN RAISE 'No more.' USING ERRCODE = '{state}'; END $$"))

    assert db_errors.sqlstate(error) == state
    assert isinstance(db_errors.domain_error(error), DatabaseAway)


def test_what_is_no_refusal_of_the_database_has_no_answer() -> None:
    assert db_errors.domain_error(ValueError("unique")) is None
    assert db_errors.domain_error(refusal(lambda: execute("SELECT 1 / 0"))) is None
    assert not db_errors.is_contention(ValueError())
