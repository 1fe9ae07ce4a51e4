"""Fifty desks write to one hotel's log while several workers seal it: one chain without a fork, and no writer waits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from pms.core.chain import sealing
from pms.core.chain.check import check_chain
from pms.core.models import AuditEntry, AuditSeal
from tests.domain.core.chains import CHAIN, execute, write_entries
from tests.race import Rendezvous, errors_of, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SEALERS = 3


def writer(rounds: int, left: threading.Semaphore) -> Callable[[], int]:
    """Write entries in transactions of their own."""

    def work() -> int:
        try:
            for _ in range(rounds):
                with transaction.atomic():
                    write_entries(1)
            return rounds
        finally:
            left.release()

    return work


def sealer(writing: threading.Event) -> Callable[[], int]:
    """Seal again and again, as a worker does, until nobody writes and nothing waits."""

    def work() -> int:
        sealed = 0
        while writing.is_set():
            sealed += sealing.seal_chain(CHAIN)
        return sealed

    return work


def race(writers: int, rounds: int) -> float:
    """Let all write and seal at once, seal the rest, and return how many rows a second were written and sealed."""
    writing, left = threading.Event(), threading.Semaphore(0)
    writing.set()

    def finish() -> None:
        for _ in range(writers):
            left.acquire()
        writing.clear()

    began = time.monotonic()
    results = together(*[writer(rounds, left) for _ in range(writers)], *[sealer(writing)] * SEALERS, finish)
    assert [one for one in results if isinstance(one, BaseException)] == []
    while sealing.seal_due():
        pass
    return writers * rounds / (time.monotonic() - began)


def assert_one_chain(count: int) -> None:
    result = check_chain(CHAIN)
    assert (result.entries, result.last, result.findings) == (count, count, [])
    assert AuditEntry.objects.count() == AuditSeal.objects.count() == count


def test_many_writers_and_sealers_make_one_chain() -> None:
    race(writers=12, rounds=10)

    assert_one_chain(120)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_fifty_writers_make_one_chain_and_two_hundred_rows_a_second() -> None:
    rate = race(writers=50, rounds=100)

    assert_one_chain(5_000)
    assert rate >= 200, f"{rate:.0f} rows/s"


def two_sealers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Two workers read the same head, each has entries the other cannot see, and the first commits in between."""
    meeting = Rendezvous()
    told: list[str] = []

    def hold(_chain: object) -> None:
        name = threading.current_thread().name
        told.append(name)
        if len(told) == 1:
            meeting.reached("first has sealed")
            meeting.came("second has sealed", within=2)
        else:
            meeting.reached("second has sealed")

    def first() -> int:
        return sealing.seal_chain(CHAIN)

    def second() -> int:
        meeting.wait_for("first has sealed")
        return sealing.seal_chain(CHAIN)

    monkeypatch.setattr(sealing, "_told", [hold])
    return together(first, second)


def test_one_sealer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    write_entries(3)

    assert sorted(map(str, two_sealers(monkeypatch))) == ["0", "3"]

    assert_one_chain(3)


def test_control_without_lock_and_keys_the_chain_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    write_entries(3)
    monkeypatch.setattr(sealing, "try_lock", lambda *_: True)
    keys = {"core_auditseal_pkey": "PRIMARY KEY (entry_id)", "audit_seal_once_per_place": "UNIQUE (property_id, seq)"}
    for name in keys:
        execute(f"ALTER TABLE core_auditseal DROP CONSTRAINT {name}")
    try:
        assert two_sealers(monkeypatch) == [3, 3]
        assert check_chain(CHAIN).findings
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE core_auditseal")
            for name, definition in keys.items():
                cursor.execute(f"ALTER TABLE core_auditseal ADD CONSTRAINT {name} {definition}")


def test_control_without_the_lock_the_keys_refuse_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wall: whoever gets past the lock is refused by the table, and nothing is half sealed."""
    write_entries(3)
    monkeypatch.setattr(sealing, "try_lock", lambda *_: True)

    results = two_sealers(monkeypatch)

    assert [one for one in results if one == 3] and errors_of(results) == ["UniqueViolation"]
    assert_one_chain(3)


def test_a_writer_never_waits_for_the_chain() -> None:
    """A sealer holds the chain; a desk commits all the same."""
    meeting = Rendezvous()
    write_entries(1)

    def seal_slowly() -> None:
        with transaction.atomic():
            sealing.seal_chain(CHAIN)
            meeting.reached("chain held")
            meeting.wait_for("written")

    def write() -> None:
        meeting.wait_for("chain held")
        write_entries(1)
        meeting.reached("written")

    assert together(seal_slowly, write) == [None, None]


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_million_entries_are_checked_within_five_minutes() -> None:
    million = int(os.environ.get("AUDIT_ENTRIES", "1000000"))
    (pk,) = write_entries(1)
    execute("SET statement_timeout = 0")  # of the test's own insert
    columns = (
        "object_pk, object_repr, action, changes, changes_text, timestamp, content_type_id, property_id, request_id,"
        " via, act"
    )
    execute(
        f"INSERT INTO core_auditentry ({columns}) SELECT gen_random_uuid()::text, 'Room ' || n, 1,"
        " jsonb_build_object('condition', jsonb_build_array('clean', 'dirty ' || n)), '', now(), content_type_id,"
        " property_id, md5(n::text), 'web', '' FROM core_auditentry, generate_series(2, %(count)s) AS n"
        " WHERE id = %(pk)s",
        {"count": million, "pk": pk},
    )
    execute("ANALYZE core_auditentry")
    began = time.monotonic()
    assert sealing.seal_chain(CHAIN) == million
    sealed = time.monotonic()
    execute("ANALYZE core_auditseal")

    result = check_chain(CHAIN)

    seconds = time.monotonic() - sealed
    assert (result.entries, result.findings) == (million, [])
    assert seconds <= 300, f"{seconds:.0f} s, after sealing in {sealed - began:.0f} s"
