"""The canary of a whole open hotel, through restarts of its servers and past a worker that hangs."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.concurrency.open_hotel import OpenHotel, open_house
from tests.realtime.own_servers import OwnServer, own_servers
from tests.runtime.helpers import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EVERY, LATE = 3, 45
ROUND_TRIP = 30
REDISPATCHED = 60


@dataclass
class House:
    """The open hotel and its servers, which may die."""

    hotel: OpenHotel
    valkey: OwnServer
    postgres: OwnServer

    def last(self) -> dt.datetime | None:
        """Return when the last canary arrived."""
        rows = self.hotel.sql("SELECT arrived_at FROM events_canary")
        return rows[0][0] if rows else None

    def sings(self, *, within: float) -> float:
        """Wait for a canary that was sent and arrived from now on, and return how long that took."""
        started, now = time.monotonic(), dt.datetime.now(dt.UTC)
        sung = "SELECT 1 FROM events_canary WHERE arrived_at - round_trip_ms * interval '1 millisecond' > '{}'"
        eventually(lambda: self.hotel.sql(sung.format(now.isoformat())) != [], within)
        return time.monotonic() - started

    def pid(self, name: str) -> int:
        """Return the process that the supervisor keeps under `name`."""
        found: int = json.loads((self.hotel.data / "run.json").read_text())["pids"][name]
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation without a hotel: its workers have nothing else to do."""
    folder = tmp_path_factory.mktemp("canary")
    with ExitStack() as stack:
        valkey, postgres, names = stack.enter_context(own_servers(folder))
        hotel = stack.enter_context(open_house(folder, CANARY_SECONDS=str(EVERY), CANARY_LATE=str(LATE), **names))
        found = House(hotel, valkey, postgres)
        eventually(lambda: found.last() is not None, 120)
        yield found


def restarted(house: House, times: int) -> list[float]:
    """Let Redis and PostgreSQL die and come back, each as often; return how long each canary needed afterwards."""
    took = []
    for _ in range(times):
        for server in (house.valkey, house.postgres):
            server.kill()
            time.sleep(1)
            server.start()
            took.append(house.sings(within=ROUND_TRIP))
    return took


def test_the_canary_sings_again_after_each_restart(house: House) -> None:
    before = house.pid("web")

    assert len(restarted(house, 2)) == 4

    # Now and then Celery ends its worker over a broken line (exit code 1); the supervisor has another one at once.
    assert house.pid("web") == before
    assert "gave no sign of life" not in house.hotel.said.read_text()


OWED = """
    WITH event AS (
        INSERT INTO events_streamevent
            (property_id, kind, code, object_type, payload, touches, via, request_id, occurred_at)
        VALUES (gen_random_uuid(), 'happened', 'room.marked', 'room', '{}', '{}', '', '', now()) RETURNING *
    )
    INSERT INTO events_delivery (event_id, receiver, property_id, state, tries, due_at, error)
    SELECT id, 'notifications.receivers.tell_people', property_id, 'pending', 0, now(), '' FROM event
"""


@pytest.mark.parametrize("clock", [True, False], ids=["swept", "control"])
def test_what_a_redis_without_memory_forgot_is_dispatched_anew(house: House, clock: bool) -> None:
    """Owed while Redis is dead: the bell was rung at nobody. Without the clock's sweep it would lie for good."""
    house.valkey.kill()
    house.hotel.sql(OWED)
    beat = house.pid("beat")
    if not clock:
        os.killpg(beat, signal.SIGSTOP)
    house.valkey.start()

    def done() -> bool:
        return house.hotel.sql("SELECT count(*) FROM events_delivery WHERE state <> 'done'") == [(0,)]

    if clock:
        eventually(done, REDISPATCHED)
        return
    try:
        with pytest.raises(AssertionError, match="in time"):
            eventually(done, LATE / 3)
    finally:
        os.killpg(beat, signal.SIGCONT)
    eventually(done, REDISPATCHED)


@pytest.mark.nightly
def test_the_canary_sings_again_after_five_restarts_of_each(house: House) -> None:
    before = house.pid("web")

    assert len(restarted(house, 5)) == 10

    # Now and then Celery ends its worker over a broken line (exit code 1); the supervisor has another one at once.
    assert house.pid("web") == before
    assert "gave no sign of life" not in house.hotel.said.read_text()


def test_a_worker_that_hangs_is_started_again(house: House) -> None:
    hanging = house.pid("worker")
    os.killpg(hanging, signal.SIGSTOP)  # every process of it, as one that waits for an answer that never comes

    eventually(lambda: house.pid("worker") != hanging, LATE + 60)

    house.sings(within=120)
    assert "gave no sign of life" in house.hotel.said.read_text()
