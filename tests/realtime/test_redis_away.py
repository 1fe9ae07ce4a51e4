"""The hub while Redis is away and when it comes back: what was missed is found, also what no stream keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async

from pms.accounts.models import User
from pms.events import bell
from pms.events.selectors import stream_head
from pms.live import hub as hub_module
from pms.live.ear import Ear
from pms.live.hub import Hub
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import Listener, Screen, draw_all, fragment, listen, sight
from tests.realtime.own_servers import OwnServer, own_valkey

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OwnServer, str]]:
    """A Valkey that may die; the one of the whole run serves others."""
    with own_valkey(tmp_path_factory.mktemp("redis")) as (server, url):
        yield server, url


@pytest.fixture
def valkey(own: tuple[OwnServer, str], settings: Any, monkeypatch: pytest.MonkeyPatch) -> OwnServer:
    """It runs, everybody in this process uses it, and the heart beats too seldom to help."""
    server, settings.REDIS_URL = own
    if server.process is None or server.process.poll() is not None:
        server.start()
    bell._quiet_until.clear()
    monkeypatch.setattr(hub_module, "HEARTBEAT", 3600.0)
    return server


@pytest.fixture
def deaf_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: a hub that listens until the first trouble, and never again."""
    listens = Ear._listen_on

    async def once(ear: Ear, pubsub: Any, **how: Any) -> None:
        try:
            await listens(ear, pubsub, **how)
        except redis.RedisError:
            await asyncio.Event().wait()

    monkeypatch.setattr(Ear, "_listen_on", once)


async def open_board(hub: Hub, user: User, hotel: Property) -> Listener:
    """Open the rooms board, and wait until the hub listens."""
    head = await in_thread(stream_head)(hotel.pk)
    page = await listen(hub, user, hotel.pk, "room_card", seq=head.seq, epoch=head.epoch)
    await until_it_listens(hub)
    return page


async def until_it_listens(hub: Hub) -> None:
    """Wait until the hub has subscribed."""
    for _ in range(500):
        if hub.ear.pubsub is not None:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the hub does not listen")


async def mark(room: Room, condition: str) -> None:
    """Mark the room as a housekeeper would."""
    await in_thread(room_mark)(room_id=room.pk, condition=condition)


async def shows_the_room(page: Listener, room: Room, *, seconds: float = 5.0) -> float:
    """Wait until the page shows the room as a page opened now, and return how long it took."""
    fresh = await in_thread(draw_all)(fragment("room_card"), [room.pk], page.socket.audience)
    wanted = {dom_id: sight(html) for dom_id, html in fresh.items()}
    return await page.until(lambda screen: cards(screen) == wanted, seconds=seconds)


def cards(screen: Screen) -> dict[str, str]:
    """Return what a person sees on the board, of what it was told."""
    return {dom_id: sight(html) for dom_id, html in screen.pieces.items()}


async def test_what_changed_while_redis_was_dead_is_found_when_it_is_back(
    hub: Hub, valkey: OwnServer, hotel: Property, room: Room, hugo: User
) -> None:
    page = await open_board(hub, hugo, hotel)
    valkey.kill()
    await mark(room, "dirty")
    valkey.start()

    await shows_the_room(page, room)
    await until_it_listens(hub)
    bell._quiet_until.clear()
    await mark(room, "touch_up")  # hints arrive again

    assert await shows_the_room(page, room) < 2.0


async def test_control_a_hub_that_does_not_listen_again_stays_behind(
    hub: Hub, valkey: OwnServer, hotel: Property, room: Room, hugo: User, deaf_for_good: None
) -> None:
    page = await open_board(hub, hugo, hotel)
    valkey.kill()
    await mark(room, "dirty")
    valkey.start()
    bell._quiet_until.clear()
    await mark(room, "touch_up")

    with pytest.raises(AssertionError, match="not seen"):
        await shows_the_room(page, room, seconds=2.5)


async def test_while_redis_is_dead_the_heartbeat_brings_the_news(
    hub: Hub, valkey: OwnServer, hotel: Property, room: Room, hugo: User, quick_heart: None
) -> None:
    page = await open_board(hub, hugo, hotel)
    valkey.kill()

    await mark(room, "dirty")

    await shows_the_room(page, room)


async def test_control_without_the_heartbeat_nothing_comes_while_redis_is_dead(
    hub: Hub, valkey: OwnServer, hotel: Property, room: Room, hugo: User
) -> None:
    page = await open_board(hub, hugo, hotel)
    valkey.kill()

    await mark(room, "dirty")

    with pytest.raises(AssertionError, match="not seen"):
        await shows_the_room(page, room, seconds=1.5)


async def test_a_flush_costs_nothing(hub: Hub, valkey: OwnServer, hotel: Property, room: Room, hugo: User) -> None:
    """Hints are kept nowhere, so nothing of them can be flushed; the two controls above show what silence costs."""
    page = await open_board(hub, hugo, hotel)
    redis.Redis(unix_socket_path=str(valkey.service.command[4])).flushall()

    await mark(room, "dirty")

    assert await shows_the_room(page, room) < 2.0


@pytest.mark.parametrize("reminds", [True, False], ids=["reminded", "control"])
async def test_a_personal_hint_that_redis_lost_is_made_up_for(
    hub: Hub, valkey: OwnServer, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch, reminds: bool
) -> None:
    monkeypatch.setattr(hub_module, "PAUSE_AFTER_FAILURE", -0.8)
    if not reminds:
        monkeypatch.setattr(Hub, "_remind", lambda hub: None)
    page = await open_board(hub, hugo, hotel)
    valkey.kill()
    await in_thread(bell.send)(bell.user_channel(hugo.pk), "bell")
    valkey.start()

    def told(screen: Screen) -> bool:
        return {"t": "hint", "hint": "bell"} in screen.messages

    if reminds:
        await page.until(told)
    else:
        with pytest.raises(AssertionError, match="not seen"):
            await page.until(told, seconds=2.5)
