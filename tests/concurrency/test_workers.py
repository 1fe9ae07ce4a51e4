"""Several workers, and workers that die: every delivery runs, one at a time, in the order of its lane."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction

from pms.events import bell, receivers, worker
from pms.events.models import Delivery, StreamEvent
from pms.events.publish import publish
from pms.events.receivers import after
from pms.events.recorder import record_happened
from pms.events.tasks import deliver
from tests.domain.events import house
from tests.domain.events.given import RoomLocked, RoomSwept
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = uuid.UUID(int=1)
HOTELS = [uuid.UUID(int=number) for number in range(1, 5)]


@pytest.fixture(autouse=True)
def _own_receivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "_after", defaultdict(dict))
    bell._quiet_until.clear()


def watched_lanes() -> tuple[Callable[[StreamEvent], None], list[tuple[uuid.UUID, int]], Counter[int]]:
    """Return a receiver, what it saw, and how often two calls of one lane ran at once."""
    seen: list[tuple[uuid.UUID, int]] = []
    clashes: Counter[int] = Counter()
    busy: set[uuid.UUID] = set()
    guard = threading.Lock()

    def receive(event: StreamEvent) -> None:
        with guard:
            clashes["at once"] += event.property_id in busy
            busy.add(event.property_id)
        time.sleep(0.002)
        with guard:
            busy.discard(event.property_id)
            seen.append((event.property_id, event.seq or 0))

    return receive, seen, clashes


def test_four_workers_run_each_delivery_once_and_each_lane_in_order() -> None:
    receive, seen, clashes = watched_lanes()
    after(RoomSwept)(receive)
    for _ in range(15):
        with transaction.atomic():
            for hotel in HOTELS:
                publish(RoomSwept(property_id=hotel))

    def work() -> int:
        delivered = 0
        for _ in range(200):  # a lane may be busy for the moment: come back, as the sweep does
            delivered += worker.deliver_due().delivered
            if not Delivery.objects.filter(state=Delivery.State.PENDING).exists():
                break
            time.sleep(0.005)
        return delivered

    assert sum(together(*[work] * 4)) == 60

    assert clashes["at once"] == 0
    for hotel in HOTELS:
        assert [seq for found, seq in seen if found == hotel] == list(range(1, 16))


def test_control_without_the_lease_a_delivery_runs_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: a claim that leases to nobody hands the same delivery to both workers."""
    monkeypatch.setattr(worker, "CLAIM", worker.CLAIM.replace("lease_until = %(until)s", "lease_until = NULL"))
    both = threading.Barrier(2, timeout=10)
    after(RoomSwept)(lambda event: both.wait() and None)
    with transaction.atomic():
        publish(RoomSwept(property_id=HERE))

    def work() -> None:
        while (delivery := worker.claim()) is None:
            time.sleep(0.005)
        worker.run(delivery)

    together(work, work)

    assert Delivery.objects.get().tries == 2


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of the house on the database of this run, and make sure that it ends."""
    running = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=house.environment(**environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def wait_until(true: Callable[[], Any], *, seconds: float, what: str) -> float:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def owe(event: RoomSwept | RoomLocked, receiver: str) -> None:
    with transaction.atomic():
        record_happened(event, receivers=[receiver])


def test_the_work_of_a_killed_worker_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = tmp_path / "began"
    owe(RoomSwept(property_id=HERE), house.SLOW)
    owe(RoomSwept(property_id=HERE), house.SLOW)

    done: list[int | None] = []

    with process("-c", house.MAIN, TEST_BEGAN=str(began)) as victim:
        wait_until(began.exists, seconds=30, what="the receiver began")
        time.sleep(house.LEASE)  # renewed meanwhile
        assert worker.claim() is None
        victim.send_signal(signal.SIGKILL)
        victim.wait()

    monkeypatch.setitem(receivers._after["x"], house.SLOW, lambda event: done.append(event.seq))
    assert worker.deliver_due().delivered == 0
    took = wait_until(lambda: worker.deliver_due().delivered, seconds=30, what="another worker took over")
    worker.deliver_due()

    assert took <= house.LEASE + 0.5
    assert done == [1, 2]
    assert [delivery.tries for delivery in Delivery.objects.order_by("id")] == [2, 1]


@pytest.mark.timeout(300)
def test_a_real_celery_worker_delivers_by_the_doorbell_and_by_the_sweep() -> None:
    command = ["-A", "pms.celery", "worker", "--pool", "solo", "--include", "tests.domain.events.house", "-l", "info"]
    app: Celery = deliver.app
    with process("-m", "celery", *command, "--without-gossip", "--without-mingle") as running:
        owe(RoomLocked(property_id=HERE), house.QUICK)
        started = time.monotonic()
        while done() == 0:  # it is starting: a doorbell that nobody heard in ten seconds is out of date
            assert running.poll() is None
            assert time.monotonic() - started < 120, (waiting(), list(Delivery.objects.values()))
            bell.ring_worker()
            time.sleep(0.5)

        took = []
        for number in range(2, 5):
            owe(RoomLocked(property_id=HERE), house.QUICK)
            took.append(wait_until(lambda expected=number: done() == expected, seconds=5, what="the doorbell"))
        assert max(took) <= 1

        wait_until(lambda: waiting() == 0, seconds=5, what="all doorbells answered")
        time.sleep(0.5)
        bell._quiet_until[settings.CELERY_BROKER_URL] = time.monotonic() + 60  # the doorbell is off
        owe(RoomLocked(property_id=HERE), house.QUICK)
        time.sleep(0.3)
        assert done() == 4
        assert app.conf.beat_schedule["sweep-deliveries"] == {
            "task": "pms.events.tasks.deliver", "schedule": 5.0, "options": {"expires": 5},
        }  # fmt: skip
        app.send_task(app.conf.beat_schedule["sweep-deliveries"]["task"], expires=5)
        wait_until(lambda: done() == 5, seconds=5, what="the sweep")
    bell._quiet_until.clear()


def waiting() -> int:
    """Return how many doorbells wait in the queue of the workers."""
    with deliver.app.connection_for_read() as connection:
        return int(connection.default_channel._size(settings.CELERY_TASK_DEFAULT_QUEUE))


def done() -> int:
    return Delivery.objects.filter(state=Delivery.State.DONE).count()
