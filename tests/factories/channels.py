"""Connections for tests, and the pretended booking site as a real process with its handle."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from channel_manager.models import ChannelConnection
from channel_manager.services.connections import connection_add, connection_go_live, mapping_set
from channel_manager.services.trial import ACCOUNT, HOTEL_ID
from pms.runtime.privileges import PLAIN
from properties.models import Property, RoomType
from reservations.models import RatePlan

ROOT = Path(__file__).resolve().parents[2]
# The site's rooms, as the small house of the tests is mapped to them.
ROOMS = {"SGL": "90010001", "DBL": "90010002", "SUI": "90010003"}
RATES = {"BAR": "55001", "BB": "55002"}


class Sandbox:
    """The handle of a running site."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)

    def do(self, what: str, **facts: Any) -> dict[str, Any]:
        """Do something at the site: book, change, cancel, fault, redeliver, …"""
        answer = self.http.post(f"/control/{what}", json=facts)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def book(
        self, hotel: Property, *, nights: int = 1, after: int = 0, room: str = "DBL", **facts: Any
    ) -> dict[str, Any]:
        """Book one room from `after` days after the business date."""
        first = hotel.business_date + dt.timedelta(days=after)
        asked = {"room": ROOMS.get(room, room), "arrival": first.isoformat()}
        asked["departure"] = (first + dt.timedelta(days=nights)).isoformat()
        asked |= {name: facts.pop(name) for name in ("rate", "price", "adults", "children") if name in facts}
        return self.do("book", rooms=[asked], **facts)

    def redate(
        self, hotel: Property, booking: dict[str, Any], *, nights: int, after: int = 0, **room: Any
    ) -> dict[str, Any]:
        """Change the dates of a booking of one room."""
        first = hotel.business_date + dt.timedelta(days=after)
        stay = booking["stays"][0]
        asked = {"line": stay["line"], "room": stay["room"], "arrival": first.isoformat(), **room}
        asked["departure"] = (first + dt.timedelta(days=nights)).isoformat()
        return self.do("change", id=booking["id"], rooms=[asked])

    def booking(self, number: str) -> dict[str, Any]:
        """Return a booking as the site has it."""
        return self.do("state")["bookings"][number]

    def available(self) -> dict[tuple[str, str], int]:
        """Return rooms to sell as the hotel told them."""
        return {(room, day): value for room, day, value in self.do("state")["hotels"][HOTEL_ID]["available"]}


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """Run the site as a process of its own on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        PLAIN.wrap([sys.executable, "-m", "channel_manager.sandbox", "--port", str(port)], die_with=signal.SIGKILL),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    site = Sandbox(f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                site.http.get("/healthz")
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline, "the site did not start"
                time.sleep(0.05)
        yield site
    finally:
        process.kill()
        process.wait()


def make_connection(
    *, hotel: Property, url: str = "http://127.0.0.1:9", mapped: bool = True, live: bool = True, **fields: Any
) -> ChannelConnection:
    """Connect a hotel; `mapped` for the rooms and rates it has."""
    fields = {
        "kind": "booking_com",
        "hotel_id": HOTEL_ID,
        "credentials": ACCOUNT,
        "poll_seconds": Decimal("0.5"),
        **fields,
    }
    connection = connection_add(hotel=hotel, base_url=url, **fields)
    if mapped:
        map_all(connection)
    return connection_go_live(connection_id=connection.pk) if live else connection


def map_all(connection: ChannelConnection) -> int:
    """Map the site's rooms and rates to the hotel's types and plans of the usual codes."""
    kinds = RoomType.objects.filter(property_id=connection.property_id, code__in=ROOMS)
    plans = RatePlan.objects.filter(property_id=connection.property_id, code__in=RATES)
    return mapping_set(
        connection_id=connection.pk,
        rooms={ROOMS[kind.code]: kind.pk for kind in kinds},
        rates={RATES[plan.code]: plan.pk for plan in plans},
    )
