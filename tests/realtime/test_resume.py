"""A page that comes back: up to seven days it is told exactly what changed, after longer it reads itself anew."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from pms.accounts.models import User
from pms.events.models import StreamEvent
from pms.events.selectors import Head, stream_head
from pms.events.worker import prune
from pms.live import batches
from pms.live.hub import Hub
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import Listener, draw_all, fragment, listen, sight

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)

BREAKS = [
    dt.timedelta(seconds=1),
    dt.timedelta(seconds=30),
    dt.timedelta(minutes=2),
    dt.timedelta(minutes=10),
    dt.timedelta(hours=25),
    dt.timedelta(days=6, hours=23),
]


@in_thread
def happen(hotel: Property, *, marks: int = 20, as_: tuple[str, str] = ("dirty", "clean")) -> Head:
    """Mark rooms, and return where the stream stood before."""
    before = stream_head(hotel.pk)
    rooms = list(Room.objects.filter(property=hotel))
    for turn in range(marks):
        room_mark(room_id=rooms[turn % len(rooms)].pk, condition=as_[turn // len(rooms) % 2])
    return before


@in_thread
def let_pass(hotel: Property, gone_by: dt.timedelta, *, since: Head) -> None:
    """Make what happened since then as old as that, and let the nightly work clear away what is too old."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_streamevent SET occurred_at = occurred_at - %s::interval"
            " WHERE property_id = %s AND seq > %s",
            [str(gone_by), hotel.pk, since.seq],
        )
        cursor.execute("UPDATE events_delivery SET state = 'done' WHERE property_id = %s", [hotel.pk])
    prune()


@in_thread
def now_on(page: Listener, rooms: Sequence[Room]) -> dict[str, str]:
    """Return what a page opened now shows of these rooms."""
    pieces = draw_all(fragment("room_card"), [room.pk for room in rooms], page.socket.audience)
    return {dom_id: sight(html) for dom_id, html in pieces.items()}


@pytest.mark.parametrize("gone_by", BREAKS, ids=str)
async def test_within_seven_days_a_page_is_told_exactly_what_changed(
    hub: Hub, hotel: Property, hugo: User, gone_by: dt.timedelta
) -> None:
    rooms = await in_thread(lambda: list(Room.objects.filter(property=hotel)))()
    before = await happen(hotel)
    await let_pass(hotel, gone_by, since=before)

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)
    head = await in_thread(stream_head)(hotel.pk)
    await page.until(lambda screen: screen.seq == head.seq)

    assert not page.screen.resyncs
    assert len(page.screen.told) == len(set(page.screen.told)), "a piece was told twice"
    wanted = await now_on(page, rooms)
    assert {dom_id: sight(html) for dom_id, html in page.screen.pieces.items()} == wanted


@pytest.mark.parametrize("kept", [False, True], ids=["all cleared away", "one is still owed to somebody"])
async def test_after_eight_days_a_page_reads_itself_anew(hub: Hub, hotel: Property, hugo: User, *, kept: bool) -> None:
    """Also when an older event is kept: the lowest number that is left says nothing of those behind it."""
    before = await happen(hotel)
    await let_pass(hotel, dt.timedelta(days=8), since=before)
    if kept:
        await _leave_one(hotel, before.seq + 1)
    after = await in_thread(stream_head)(hotel.pk)
    await happen(hotel, marks=2, as_=("touch_up", "touch_up"))

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)

    await page.until(lambda screen: screen.resyncs == 1)
    assert not page.screen.told
    fresh = await listen(hub, hugo, hotel.pk, "room_card", seq=after.seq, epoch=after.epoch)
    await fresh.until(lambda screen: bool(screen.told))
    assert not fresh.screen.resyncs, "the control: who missed nothing of what was cleared away is told the rest"


@in_thread
def _leave_one(hotel: Property, seq: int) -> None:
    StreamEvent.objects.create(property_id=hotel.pk, kind="changed", code="room.changed", object_type="properties.Room")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_streamevent SET seq = %s WHERE id = (SELECT max(id) FROM events_streamevent)", [seq]
        )


async def test_a_thousand_events_are_caught_up_within_two_seconds(hub: Hub, hotel: Property, hugo: User) -> None:
    before = await happen(hotel, marks=500)
    head = await in_thread(stream_head)(hotel.pk)
    assert head.seq - before.seq >= 1000

    took = []
    for _return in range(20):
        began = time.monotonic()
        page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)
        await page.until(lambda screen: screen.seq == head.seq)
        took.append(time.monotonic() - began)
        assert not page.screen.resyncs
        await page.leave()

    assert sorted(took)[18] <= 2.0, took


async def test_more_pieces_than_a_page_reads_faster_anew(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_PIECES", 2)
    before = await happen(hotel)

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)

    await page.until(lambda screen: screen.resyncs == 1)


def count_readings(monkeypatch: pytest.MonkeyPatch, *, pause: float = 0.0) -> list[int]:
    """Return a list that grows with every reading of the stream; each begins, then takes at least so long."""
    readings, read = [], batches.read

    def slowly(*args: Any, **named: Any) -> batches.Batch:
        readings.append(named["after"])
        found = read(*args, **named)
        time.sleep(pause)
        return found

    monkeypatch.setattr(batches, "read", slowly)
    return readings


async def test_pages_that_come_back_together_share_one_reading(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await happen(hotel)
    head = await in_thread(stream_head)(hotel.pk)
    first = await listen(hub, hugo, hotel.pk, "room_card", seq=head.seq, epoch=head.epoch)
    readings = count_readings(monkeypatch, pause=2.0)

    pages = await asyncio.gather(
        *(listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch) for _page in range(20))
    )

    for page in pages:
        await page.until(lambda screen: screen.seq == head.seq, seconds=30)
        assert page.screen.pieces
    assert readings.count(before.seq) == 1
    assert not first.screen.resyncs


async def test_a_page_that_missed_nothing_is_not_read_for(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happen(hotel)
    head = await in_thread(stream_head)(hotel.pk)
    asked: list[Any] = []
    monkeypatch.setattr(hub, "_missed", lambda *_page, **where: asked.append(where))

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=head.seq, epoch=head.epoch)
    await page.until(lambda screen: screen.seq == head.seq)
    assert asked == []

    await happen(hotel, marks=1, as_=("touch_up", "dirty"))
    await page.until(lambda screen: bool(screen.told), seconds=30)


async def test_a_reading_that_began_too_early_is_not_shared(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends before what the second page hears by itself begins: the page would miss what lies between."""
    before = await happen(hotel)
    watcher = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)
    head = await in_thread(stream_head)(hotel.pk)
    await watcher.until(lambda screen: screen.seq == head.seq)
    readings = count_readings(monkeypatch)
    held: asyncio.Future[batches.Batch] = asyncio.get_running_loop().create_future()
    key = (before.seq, before.epoch, watcher.socket.audience, watcher.socket.topics)
    hub._readings[key] = held
    held.set_result(batches.Batch(before))

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)

    await page.until(lambda screen: screen.seq == head.seq)
    assert page.screen.pieces
    assert readings.count(before.seq) == 1
