"""Work that lost a race is begun anew, a bounded number of times, in a fresh transaction."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from pms.core.retry import with_retry
from properties.models import Organization

LOST_RACE = "DO $$ BEGIN RAISE 'lost' USING ERRCODE = '40P01'; END $$"
FAULT = "SELECT 1 / 0"


class Work:
    """Adds a row in a transaction and fails with `statement` the first `failures` times."""

    def __init__(self, *, failures: int, statement: str = LOST_RACE) -> None:
        self.failures, self.statement, self.calls = failures, statement, 0

    def __call__(self) -> str:
        self.calls += 1
        with transaction.atomic():
            Organization.objects.create(name=f"try {self.calls}")
            if self.calls <= self.failures:
                with connection.cursor() as cursor:
                    cursor.execute(self.statement)
        return f"done at {self.calls}"


@pytest.mark.django_db(transaction=True)
def test_a_lost_race_is_tried_again_and_leaves_only_the_last_try() -> None:
    work = Work(failures=2)

    assert with_retry(work) == "done at 3"

    assert [row.name for row in Organization.objects.all()] == ["try 3"]


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_after_three_tries_with_the_last_error() -> None:
    work = Work(failures=9)

    with pytest.raises(OperationalError, match="lost"):
        with_retry(work)

    assert work.calls == 3
    assert not Organization.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [FAULT, "SELECT 1 FROM nowhere"])
def test_a_fault_is_not_tried_again(error: str) -> None:
    work = Work(failures=9, statement=error)

    with pytest.raises(DatabaseError):
        with_retry(work)

    assert work.calls == 1


@pytest.mark.django_db
def test_inside_an_outer_transaction_nothing_is_tried_again() -> None:
    work = Work(failures=1)

    with pytest.raises(OperationalError, match="lost"), transaction.atomic():
        with_retry(work)

    assert work.calls == 1


def test_an_error_that_is_none_of_the_database_passes_through() -> None:
    def refuse() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        with_retry(refuse)
