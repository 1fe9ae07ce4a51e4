"""How long a committed change takes until it is painted in another browser, with many idle pages beside it.

    python bench/live_latency.py [--sockets 200] [--changes 100]

Starts a hotel of its own (`manage.py up --seed`), opens the rooms board in Chromium, holds the idle sockets, marks a
room through the service in this process, and compares the moment of the commit with the moment of the next painted
frame (one machine, one clock). Prints milliseconds: median, 95th percentile, worst.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from bench.opened import enter, signed_in  # noqa: E402
from tests.concurrency.open_hotel import OpenHotel, open_hotel  # noqa: E402

# Notes the first painted frame after the watched card changed.
WATCH = """
    (id) => {
      window.painted = [];
      new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
        const card = document.getElementById(id);
        window.painted.push([Date.now(), card?.querySelector('[data-condition]')?.dataset.condition]);
      }, 0))).observe(document.body, { subtree: true, childList: true, attributes: true });
    }
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=200)
    parser.add_argument("--changes", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_hotel(Path(folder)) as hotel:
        enter(hotel)
        cookie = signed_in("hugo@sea.example")
        stop = threading.Event()
        idle = threading.Thread(target=lambda: asyncio.run(hold(hotel, cookie, options.sockets, stop)))
        idle.start()
        time.sleep(5)
        from tests.chromium import chromium

        with chromium() as browser:
            times = measure(browser, hotel, cookie, options.changes)
        stop.set()
        idle.join(20)
    times.sort()
    print(
        f"{options.sockets} idle sockets, {len(times)} changes, commit to painted frame in ms: "
        f"p50 {statistics.median(times):.0f}, p95 {times[int(len(times) * 0.95) - 1]:.0f}, worst {times[-1]:.0f}"
    )


async def hold(hotel: OpenHotel, cookie: str, sockets: int, stop: threading.Event) -> None:
    """Keep idle pages open: they subscribe, and acknowledge what they read."""
    url = hotel.url.replace("http://", "ws://") + "/ws/h/SEA/"

    async def page() -> None:
        headers = {"Cookie": f"session={cookie}"}
        async with connect(url, additional_headers=headers, origin=hotel.url, proxy=None) as line:  # type: ignore[arg-type]
            await line.send(json.dumps({"t": "hello", "seq": 0, "epoch": "", "topics": ["room_counts"]}))
            async for text in line:
                message: dict[str, Any] = json.loads(text)
                if "m" in message:
                    await line.send(json.dumps({"t": "ack", "m": message["m"]}))

    pages = [asyncio.create_task(page()) for _ in range(sockets)]
    await asyncio.to_thread(stop.wait)
    for task in pages:
        task.cancel()
    await asyncio.gather(*pages, return_exceptions=True)


def measure(browser: Browser, hotel: OpenHotel, cookie: str, changes: int) -> list[float]:
    """Mark a room again and again and return how long each mark took to be painted, in milliseconds."""
    from django.db import transaction

    from properties.models import Room
    from properties.services import room_mark

    room = Room.objects.get(property__code="SEA", number="101")
    page = board(browser, hotel, cookie, f"room-card-{room.pk}")
    times = []
    for place in range(changes + 5):
        condition = "dirty" if place % 2 == 0 else "clean"
        committed: list[float] = []
        page.evaluate("window.painted = []")
        with transaction.atomic():
            transaction.on_commit(lambda committed=committed: committed.append(time.time() * 1000))
            room_mark(room_id=room.pk, condition=condition)
        page.wait_for_function("want => window.painted.some(([, seen]) => seen === want)", arg=condition, polling=10)
        painted = page.evaluate("want => window.painted.find(([, seen]) => seen === want)[0]", condition)
        if place >= 5:  # the first ones warm the house up
            times.append(painted - committed[0])
        time.sleep(0.1)
    return times


def board(browser: Browser, hotel: OpenHotel, cookie: str, card: str) -> Page:
    """Open the rooms board, wait until its line is live, and watch the card."""
    from tests.browsing import with_cookies

    context = with_cookies(browser, hotel.url, {"session": cookie}, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{hotel.url}/h/SEA/rooms/")
    page.wait_for_selector(f"#{card}")
    time.sleep(1.5)
    page.evaluate(WATCH, card)
    return page


if __name__ == "__main__":
    main()
