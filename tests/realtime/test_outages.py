"""Redis and PostgreSQL die under a whole open hotel: nothing is lost, nobody reloads, every page ends as the server."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import redis
from playwright.sync_api import Browser, BrowserContext

from tests.browsing import with_cookies
from tests.concurrency.open_hotel import OpenHotel, open_hotel, sign_in
from tests.realtime.browsers import PAGES, KeptPage, all_equal
from tests.realtime.own_servers import OwnServer, own_servers
from tests.runtime.helpers import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

GAPS = """
    SELECT max(seq) - min(seq) + 1 - count(DISTINCT seq) FROM events_streamevent
    WHERE seq IS NOT NULL GROUP BY property_id
"""
OWED = "SELECT count(*) FROM events_delivery WHERE state <> 'done'"
# Longer than a page needs to come back by itself: its own pause of 10 s at most, and a drawing.
PATIENCE = 20.0


@dataclass
class House:
    """The open hotel, its two servers, and Anna's browser."""

    hotel: OpenHotel
    valkey: OwnServer
    postgres: OwnServer
    redis_url: str
    desk: httpx.Client

    def page(self, path: str) -> httpx.Response:
        """Ask for a page as Anna's browser does."""
        return self.desk.get(path)

    def ask(self, path: str) -> httpx.Response:
        """Ask the API."""
        return httpx.get(f"{self.hotel.api}/{path}", headers=self.hotel.headers(), timeout=30)

    def send(self, path: str, **body: Any) -> httpx.Response:
        """Change something through the API."""
        headers = self.hotel.headers(**{"Idempotency-Key": str(uuid.uuid4())})
        return httpx.post(f"{self.hotel.api}/{path}", json=body, headers=headers, timeout=30)

    def change(self) -> None:
        """Do what all open pages show: mark a room by the page, another by the API, and book a stay for tonight."""
        rooms = self.page("/h/SEA/rooms/").text
        mark = re.search(
            r'hx-post="([^"]+/mark/)".*?name="version" value="(\d+)".*?name="condition" value="(\w+)"', rooms, re.S
        )
        assert mark
        answer = self.desk.post(
            mark[1],
            data={"version": mark[2], "condition": mark[3]},
            headers={"HX-Request": "true", "X-CSRFToken": self.desk.cookies["csrftoken"], "Referer": self.hotel.url},
        )
        assert answer.status_code == 200, answer.text
        other = next(room for room in self.ask("rooms").json()["results"] if room["number"] == "204")
        condition = "clean" if other["condition"] == "dirty" else "dirty"
        assert self.send("rooms/204/condition", condition=condition).status_code == 200
        hotel = httpx.get(self.hotel.api, headers=self.hotel.headers(), timeout=30).json()
        today = dt.date.fromisoformat(hotel["business_date"])
        stay = {
            "room_type": next(kind["id"] for kind in self.ask("room-types").json()["results"] if kind["code"] == "DBL"),
            "rate_plan": next(plan["id"] for plan in self.ask("rate-plans").json()["results"] if plan["code"] == "BAR"),
            "arrival": today.isoformat(),
            "departure": (today + dt.timedelta(days=1)).isoformat(),
            "adults": 1,
        }
        answer = self.send("bookings", booker={"last_name": f"Late {uuid.uuid4().hex[:6]}"}, reservations=[stay])
        assert answer.status_code == 201, answer.text

    def sign_in(self) -> httpx.Response:
        """Sign in with another browser."""
        with httpx.Client(base_url=self.hotel.url, timeout=30, follow_redirects=True) as other:
            return sign_in(self.hotel, other)

    def processes(self) -> dict[str, int]:
        """Return the processes that run, by name."""
        pids: dict[str, int] = json.loads((self.hotel.data / "run.json").read_text())["pids"]
        return {name: pid for name, pid in pids.items() if psutil.pid_exists(pid)}

    def ready(self) -> int:
        """Return what the readiness check answers."""
        return self.desk.get("/readyz").status_code


def guesses(house: House) -> list[int]:
    """Guess somebody's password six times and return what was answered."""
    email = f"{uuid.uuid4().hex}@sea.example"
    with httpx.Client(base_url=house.hotel.url, timeout=30) as thief:
        form = thief.get("/account/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token
        values = {"login": email, "password": "wrong", "csrfmiddlewaretoken": token[1]}
        headers = {"Referer": house.hotel.url}
        return [thief.post("/account/login/", data=values, headers=headers).status_code for _ in range(6)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The trial hotel on servers that may die."""
    folder = tmp_path_factory.mktemp("outages")
    with ExitStack() as stack:
        valkey, postgres, names = stack.enter_context(own_servers(folder))
        hotel = stack.enter_context(open_hotel(folder, **names))
        desk = stack.enter_context(httpx.Client(base_url=hotel.url, timeout=30, follow_redirects=True))
        assert sign_in(hotel, desk).status_code == 200
        yield House(hotel, valkey, postgres, names["REDIS_URL"], desk)


@pytest.fixture
def window(house: House, browser: Browser) -> Iterator[BrowserContext]:
    """Anna's browser window."""
    context = with_cookies(browser, house.hotel.url, dict(house.desk.cookies))
    yield context
    context.close()


@contextmanager
def put_back(postgres: OwnServer, copy: Path) -> Iterator[None]:
    """Copy the database, let the block go on with it, and put the copy back as a restore to a point in time does."""
    assert postgres.postgres
    data = postgres.postgres.data
    postgres.stop()
    subprocess.run(["cp", "-a", data, copy], check=True)
    postgres.start()
    yield
    postgres.kill()
    shutil.rmtree(data)
    subprocess.run(["cp", "-a", copy, data], check=True)
    owner = data.stat()
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write("restore_command = 'false'\n")
    (data / "recovery.signal").touch()
    os.chown(data / "recovery.signal", owner.st_uid, owner.st_gid)
    postgres.start()


def all_done(house: House) -> bool:
    """Tell whether the outbox worker has delivered everything."""
    return house.hotel.sql(OWED) == [(0,)]


def no_gaps(house: House) -> bool:
    """Tell whether each hotel's stream is numbered without a hole."""
    return {found for (found,) in house.hotel.sql(GAPS)} == {0}


def test_redis_is_killed_and_comes_back_empty(house: House, pages: list[KeptPage], deaf: KeptPage) -> None:
    before = house.processes()
    house.valkey.kill()
    try:
        assert house.ready() == 503
        for path in PAGES:
            assert house.page(path).status_code == 200
        house.change()  # by a page and by the API: asserts that all is accepted
        all_equal(pages, seconds=PATIENCE)  # the heartbeat finds what no hint could tell
        assert [page.state for page in pages] == ["live"] * 3
        assert house.sign_in().status_code == 200
        assert guesses(house) == [200] * 5 + [429]  # counted all the same
        house.change()
    finally:
        house.valkey.start()

    assert eventually(lambda: house.ready() == 200)
    house.change()
    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()
    eventually(lambda: all_done(house), 60)
    assert no_gaps(house)
    assert house.sign_in().status_code == 200
    assert house.processes() == before


def test_redis_is_flushed(house: House, pages: list[KeptPage], deaf: KeptPage) -> None:
    line = redis.Redis.from_url(house.redis_url)
    line.flushall()

    house.change()

    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()
    eventually(lambda: all_done(house), 60)
    assert no_gaps(house)
    assert house.page(PAGES[0]).status_code == 200  # nobody was signed out


def test_postgres_is_killed_and_comes_back(house: House, pages: list[KeptPage], deaf: KeptPage) -> None:
    before, written = house.processes(), len(house.hotel.said.read_text())
    house.postgres.kill()
    try:
        assert house.ready() == 503
        assert house.desk.get("/healthz").status_code == 200
        page, answer = house.page(PAGES[0]), house.ask("rooms")
        assert (page.status_code, page.headers["retry-after"]) == (503, "2")
        assert "catching its breath" in page.text
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("database_away", "1")
        for kept in pages:
            kept.page.locator("#connection[data-state=reconnecting]").wait_for(timeout=10_000)
        eventually(lambda: "database.away" in house.hotel.said.read_text()[written:], 20)
        time.sleep(6)  # one more sweep at least, which has nothing new to say
    finally:
        house.postgres.start()

    eventually(lambda: house.ready() == 200, 10)
    house.change()
    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()
    assert no_gaps(house)
    eventually(lambda: all_done(house), 60)
    assert house.processes() == before
    eventually(lambda: "database.back" in house.hotel.said.read_text()[written:], 20)
    lines = [line for line in house.hotel.said.read_text()[written:].splitlines() if "worker" in line]
    assert [sum(name in line for line in lines) for name in ("database.away", "database.back")] == [1, 1], lines
    assert not [line for line in lines if "Traceback" in line]


def test_postgres_is_put_back_to_a_minute_ago(
    house: House, pages: list[KeptPage], deaf: KeptPage, tmp_path: Path
) -> None:
    epochs = "SELECT epoch::text FROM events_streamhead"
    with put_back(house.postgres, tmp_path / "copy"):
        assert eventually(lambda: house.ready() == 200)
        before = set(house.hotel.sql(epochs))
        house.change()  # nobody will know of it any more
        all_equal(pages, seconds=PATIENCE)
    assert eventually(lambda: house.ready() == 200)

    all_equal(pages, seconds=PATIENCE)

    assert before.isdisjoint(house.hotel.sql(epochs))
    house.change()  # gets the same numbers, for other things
    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()
    assert no_gaps(house)
