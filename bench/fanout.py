"""From the commit to the last of many open pages, beside a bare broadcast of the same bytes in the same run.

    python bench/fanout.py [--sockets 500 1000] [--rate 50] [--seconds 20] [--rounds 2]

Starts a hotel of its own (`manage.py up --seed`). A round holds N pages that show the rooms board and marks rooms
through the service `rate` times a second; then as many readers listen to a bare `websockets.broadcast` that sends the
same bytes: one message for each change, as often as the house committed one, nothing read or drawn for it. Both take
turns, so that other work on the machine meets both. A page has a change when it was told a number of the stream that
is not lower; what is printed is the time from the commit until the last page had it. Writer, servers and readers share
the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402
from playwright.sync_api import Page  # noqa: E402

from bench.listening import crowd  # noqa: E402
from tests.concurrency.open_hotel import OpenHotel, open_hotel  # noqa: E402

STAFF = ("hugo", "anna", "sara", "maria", "olga")
# Notes when a frame was painted, and the highest number of the stream that a card then showed.
NOTE_FRAMES = """() => {
  window.frames_painted = [];
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    const cards = [...document.querySelectorAll("[id^=room-card-][data-seq]")];
    window.frames_painted.push([Date.now() / 1000, Math.max(...cards.map(({ dataset }) => Number(dataset.seq)))]);
  }, 0))).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
SPAWN = multiprocessing.get_context("spawn")


@dataclass
class Round:
    """One measured round: for each change how long the last page waited, for each page and change how long it did
    (seconds), and what it took.
    """

    waits: list[float]
    lost: int
    messages: int
    size: float
    resyncs: int
    closed: int
    rate: float
    cpu: float
    each: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Return milliseconds from the commit: to each of the pages (`p50`, …), to the last of them
        (`last_…`), and to the next painted frame of those in Chromium (`painted_…`).
        """
        each, last = sorted(self.each), sorted(self.waits)
        parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        found = {name: at(each, part) * 1000 for name, part in parts.items()}
        found |= {f"last_{name}": at(last, part) * 1000 for name, part in parts.items()}
        if self.painted:
            found |= {f"painted_{name}": at(sorted(self.painted), part) * 1000 for name, part in parts.items()}
        return found | {"rate": self.rate, "lost": self.lost, "resyncs": self.resyncs, "closed": self.closed}

    def __str__(self) -> str:
        times = sorted(wait * 1000 for wait in self.waits)
        return (
            f"p50 {statistics.median(times):6.0f}  p95 {at(times, 0.95):6.0f}  p99 {at(times, 0.99):6.0f}  "
            f"worst {times[-1]:6.0f} ms | {self.rate:.0f} changes/s, "
            f"a page: {self.messages} messages of {self.size:.0f} B | {self.cpu * 1e6:.1f} µs server CPU a delivery, "
            f"lost {self.lost}, resyncs {self.resyncs}, closed {self.closed}"
        )


def at(ordered: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[500, 1000])
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--windows", type=int, default=0, help="so many pages in Chromium beside the others")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    from bench.opened import enter, signed_in

    with tempfile.TemporaryDirectory() as folder, open_hotel(Path(folder)) as hotel:
        enter(hotel)
        cookies = [signed_in(f"{name}@sea.example") for name in STAFF]
        web = server_of(hotel.url)
        url = hotel.url.replace("http://", "ws://") + "/ws/h/SEA/"
        figures = []
        for sockets in options.sockets:
            ours, bare = [], []
            for place in range(options.rounds):
                with windows(hotel, cookies, options.windows) as boards:
                    ours.append(of_hub(url, cookies, options, web, boards, sockets=sockets))
                print(f"{sockets} pages, hub,  round {place + 1}: {ours[-1]}", flush=True)
                bare.append(of_broadcast(ours[-1], sockets))
                print(f"{sockets} pages, bare, round {place + 1}: {bare[-1]}", flush=True)
            ratio = p50(ours) / p50(bare)
            print(f"{sockets} pages: hub / bare broadcast, medians: {ratio:.1f}", flush=True)
            figures.append({"pages": sockets, "ratio": ratio, "hub": [one.figures() for one in ours]})
        if options.json:
            options.json.write_text(json.dumps(figures))


def p50(rounds: Sequence[Round]) -> float:
    """Return the median of all waits."""
    return statistics.median(wait for one in rounds for wait in one.waits)


def server_of(url: str) -> psutil.Process:
    """Return the process that serves `url`."""
    port = int(url.rpartition(":")[2])
    for line in psutil.net_connections("tcp"):
        if line.status == psutil.CONN_LISTEN and line.laddr.port == port and line.pid:
            return psutil.Process(line.pid)
    raise LookupError(f"Nobody serves {url}.")


@contextmanager
def readers(url: str, cookies: list[str], sockets: int, hello: bytes | None) -> Iterator[Connection]:
    """Hold the crowd in a process of its own while the block runs."""
    mine, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=crowd, args=(url, cookies, sockets, hello, theirs), daemon=True)
    process.start()
    assert mine.poll(180), "the crowd did not come in"
    assert mine.recv() == "in"
    try:
        yield mine
    finally:
        process.join(30)
        process.kill()


def heard(pipe: Connection) -> list[tuple[list[tuple[float, int]], int, int, int]]:
    """Send the crowd home and return what each page heard."""
    pipe.send("home")
    seen: list[tuple[list[tuple[float, int]], int, int, int]] = pipe.recv()
    pipe.recv()
    return seen


@contextmanager
def windows(hotel: OpenHotel, cookies: list[str], number: int) -> Iterator[list[Page]]:
    """Open so many rooms boards in Chromium, each in a window of its own, that note the frames they paint."""
    if not number:
        yield []
        return
    from tests.browsing import with_cookies  # only now that the hotel's settings are known
    from tests.chromium import chromium

    with chromium() as browser:
        pages = []
        for cookie in cookies[:number]:
            page = with_cookies(browser, hotel.url, {"session": cookie}).new_page()
            page.goto(f"{hotel.url}/h/SEA/rooms/")
            page.locator("#connection[data-state=live]").wait_for()
            page.evaluate(NOTE_FRAMES)
            pages.append(page)
        yield pages


def of_hub(
    url: str,
    cookies: list[str],
    options: argparse.Namespace,
    web: psutil.Process,
    boards: Sequence[Page],
    *,
    sockets: int,
) -> Round:
    """Measure the house: rooms marked through the service, told by the hub; `boards` are open beside the crowd."""
    from pms.events.selectors import stream_head
    from properties.models import Property

    hotel = Property.objects.get(code="SEA")
    head = stream_head(hotel.pk)
    hello = {"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": ["room_card", "room_counts"]}
    with readers(url, cookies, sockets, json.dumps(hello).encode()) as pipe:
        time.sleep(2)
        before = cpu(web)
        committed, took = write(hotel.pk, options)
        time.sleep(5)  # what is still under way; a lost hint is healed by the heartbeat
        used = cpu(web) - before
        result = judged(committed, heard(pipe), took, used)
    frames = [([tuple(frame) for frame in board.evaluate("window.frames_painted")], 0, 0, 0) for board in boards]
    if frames:
        shown = judged(committed, frames, took, 0.0)
        result.painted, result.lost = shown.each, result.lost + shown.lost
    return result


def write(hotel_id: object, options: argparse.Namespace) -> tuple[list[tuple[float, int]], float]:
    """Mark rooms at the wanted rate; return (moment of the commit, number of the stream) of each, and the seconds."""
    from django.db import transaction
    from django.db.models import Max

    from pms.core.acting import act_as
    from pms.events.models import StreamEvent
    from properties.models import Room
    from properties.services import room_mark

    rooms = list(Room.objects.filter(property_id=hotel_id).order_by("sort_key").values_list("pk", flat=True))
    moments: list[float] = []
    run, begin = f"fanout-{time.time_ns()}", time.monotonic()
    number = int(options.rate * options.seconds)
    for place in range(number):
        time.sleep(max(0.0, begin + place / options.rate - time.monotonic()))
        condition = "dirty" if place // len(rooms) % 2 == 0 else "clean"
        with act_as(via="command", request_id=f"{run}-{place}"), transaction.atomic():
            transaction.on_commit(lambda: moments.append(time.time()))
            room_mark(room_id=rooms[place % len(rooms)], condition=condition)
    took = time.monotonic() - begin
    told = StreamEvent.objects.filter(property_id=hotel_id, request_id__startswith=run)
    numbers = dict(told.values_list("request_id").annotate(Max("seq")).values_list("request_id", "seq__max"))
    # A room that was so already is no news.
    return [(moments[place], numbers[key]) for place in range(number) if (key := f"{run}-{place}") in numbers], took


def of_broadcast(like: Round, sockets: int) -> Round:
    """Measure a bare broadcast: a message for each change, all together as large as what the hub sent."""
    mine, theirs = SPAWN.Pipe()
    server = SPAWN.Process(target=broadcast, args=(theirs,), daemon=True)
    server.start()
    port = mine.recv()
    with readers(f"ws://127.0.0.1:{port}/", [], sockets, None) as pipe:
        process = psutil.Process(server.pid)
        before = cpu(process)
        begin = time.monotonic()
        changes = len(like.waits)
        mine.send((changes, like.rate, int(like.messages * like.size / changes)))
        sent = mine.recv()
        took = time.monotonic() - begin
        time.sleep(2)
        used = cpu(process) - before
        result = judged(sent, heard(pipe), took, used)
    mine.send(None)
    server.join(10)
    server.kill()
    return result


def broadcast(pipe: Connection) -> None:
    """Serve bare sockets and broadcast to all of them what is asked for: how many, how many a second, how large."""
    from websockets.asyncio.server import broadcast as send
    from websockets.asyncio.server import serve

    async def serving() -> None:
        async with serve(lambda line: line.wait_closed(), "127.0.0.1", 0, compression=None) as server:
            pipe.send(server.sockets[0].getsockname()[1])
            number, rate, size = await asyncio.to_thread(pipe.recv)
            sent, begin = [], time.monotonic()
            for place in range(1, number + 1):
                await asyncio.sleep(max(0.0, begin + place / rate - time.monotonic()))
                head = f'{{"t":"news","seq":{place},"pieces":"'
                sent.append((time.time(), place))
                send(server.connections, head + "x" * (size - len(head) - 2) + '"}')
            await asyncio.sleep(1)
            pipe.send(sent)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(serving())


def cpu(process: psutil.Process) -> float:
    """Return the CPU seconds that the process used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def judged(
    committed: Sequence[tuple[float, int]],
    seen: Sequence[tuple[list[tuple[float, int]], int, int, int]],
    took: float,
    used: float,
) -> Round:
    """Return for each change how long the page that got it last had waited."""
    waits, each, lost = [0.0] * len(committed), list[float](), 0
    for news, _size, _resyncs, _closed in seen:
        # Numbers only rise on a page; the first message that reaches a number brought it.
        reached: list[int] = []
        moments: list[float] = []
        for moment, number in news:
            if not reached or number > reached[-1]:
                reached.append(number)
                moments.append(moment)
        for place, (began, number) in enumerate(committed):
            first = bisect_left(reached, number)
            if first == len(reached):
                lost += 1
            else:
                each.append(moments[first] - began)
                waits[place] = max(waits[place], each[-1])
    messages = sum(len(news) for news, *_rest in seen)
    size = sum(one for _news, one, *_rest in seen) / max(messages, 1)
    return Round(
        waits=waits,
        lost=lost,
        messages=messages // len(seen),
        size=size,
        resyncs=sum(one[2] for one in seen),
        closed=sum(one[3] for one in seen),
        rate=len(committed) / took,
        cpu=used / max(messages, 1),
        each=each,
    )


if __name__ == "__main__":
    main()
