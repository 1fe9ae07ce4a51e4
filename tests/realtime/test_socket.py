"""The page's socket over the real web server: who may open it, what it accepts, and that a commit arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection, connect

from pms.accounts.models import User
from pms.accounts.services import user_set_locale
from pms.events.selectors import stream_head
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import Screen, session_cookie

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@asynccontextmanager
async def socket(
    server: str, *, code: str = "SEA", cookie: str = "", origin: str | None = ""
) -> AsyncIterator[ClientConnection]:
    """Open the page's socket as a browser would; `origin` None sends none."""
    url = server.replace("http://", "ws://").rstrip("/") + f"/ws/h/{code}/"
    headers = {"Cookie": cookie} if cookie else {}
    chosen: Any = server.rstrip("/") if origin == "" else origin
    async with connect(url, additional_headers=headers, origin=chosen, proxy=None) as line:
        yield line


async def closed_with(line: ClientConnection) -> int:
    """Return the code the server closes the line with."""
    try:
        while True:
            await asyncio.wait_for(line.recv(), 5)
    except websockets.ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


async def test_a_commit_travels_to_an_open_page(live_server_url: str, hotel: Property, room: Room, hugo: User) -> None:
    cookie = await in_thread(session_cookie)(hugo)
    head = await in_thread(stream_head)(hotel.pk)
    screen = Screen()

    async with socket(live_server_url, cookie=cookie) as line:
        hello = {"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": ["room_card"]}
        await line.send(json.dumps(hello))
        screen.take(json.loads(await asyncio.wait_for(line.recv(), 5)))
        await in_thread(room_mark)(room_id=room.pk, condition="dirty")
        while not screen.pieces:
            screen.take(json.loads(await asyncio.wait_for(line.recv(), 5)))

    assert list(screen.pieces) == [f"room-card-{room.pk}"]
    assert screen.kinds()[0] == "welcome"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example", None])
async def test_a_foreign_origin_is_refused_in_the_handshake(
    live_server_url: str, hotel: Property, hugo: User, origin: str | None
) -> None:
    cookie = await in_thread(session_cookie)(hugo)

    with pytest.raises(websockets.InvalidStatus) as refused:
        async with socket(live_server_url, cookie=cookie, origin=origin):
            pass

    assert refused.value.response.status_code == 403


async def test_somebody_signed_out_is_closed(live_server_url: str, hotel: Property) -> None:
    async with socket(live_server_url) as line:
        assert await closed_with(line) == 4401


async def test_a_stranger_is_closed_as_if_the_hotel_did_not_exist(
    live_server_url: str, hotel: Property, other_hotel: Property, eve: User
) -> None:
    cookie = await in_thread(session_cookie)(eve)

    async with socket(live_server_url, cookie=cookie) as line:
        assert await closed_with(line) == 4403
    async with socket(live_server_url, cookie=cookie, code="NOWHERE") as line:
        assert await closed_with(line) == 4403


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", 4400),
        ("[1, 2]", 4400),
        ('{"t": 5}', 4400),
        ("[" * 5000, 4400),
        ("x" * (65 * 1024), 4413),
        (b"\x00\x01", 4413),
    ],
)
async def test_a_page_that_breaks_the_protocol_is_closed(
    live_server_url: str, hotel: Property, hugo: User, message: str | bytes, code: int
) -> None:
    cookie = await in_thread(session_cookie)(hugo)

    async with socket(live_server_url, cookie=cookie) as line:
        await line.send(message)
        assert await closed_with(line) == code


async def test_more_than_twenty_messages_a_second_are_too_many(
    live_server_url: str, hotel: Property, hugo: User
) -> None:
    cookie = await in_thread(session_cookie)(hugo)

    async with socket(live_server_url, cookie=cookie) as line:
        for _ in range(25):
            await line.send('{"t": "ack", "m": 0}')
        assert await closed_with(line) == 4400


async def test_control_what_a_page_may_say_is_taken(live_server_url: str, hotel: Property, hugo: User) -> None:
    """Twenty messages at once, and one of almost 64 KB: the page is served as ever."""
    cookie = await in_thread(session_cookie)(hugo)
    topics = ["x" * 60_000]

    async with socket(live_server_url, cookie=cookie) as line:
        for _ in range(19):
            await line.send('{"t": "ack", "m": 0}')
        await line.send(json.dumps({"t": "hello", "seq": 0, "epoch": "", "topics": topics}))
        assert json.loads(await asyncio.wait_for(line.recv(), 5))["t"] == "welcome"


async def test_a_page_drawn_for_somebody_else_is_sent_to_be_drawn_anew(
    live_server_url: str, hotel: Property, hugo: User, maria: User
) -> None:
    """Maria signed in with the browser in which a page of Hugo's is still open."""
    cookie = await in_thread(session_cookie)(maria)
    hello = {"t": "hello", "seq": 0, "epoch": "", "topics": []}

    for whose in (str(hugo.pk), "", 7):
        async with socket(live_server_url, cookie=cookie) as line:
            await line.send(json.dumps({**hello, "user": whose}))
            assert await closed_with(line) == 4401
    async with socket(live_server_url, cookie=cookie) as line:
        await line.send(json.dumps({**hello, "user": str(maria.pk)}))
        assert json.loads(await asyncio.wait_for(line.recv(), 5))["t"] == "welcome", "the control: a page of her own"


async def test_a_page_drawn_with_other_rights_is_told_at_once(
    live_server_url: str, hotel: Property, hugo: User
) -> None:
    """Between the drawing of a page and its hello a change of rights or language is nobody else's to tell."""
    cookie = await in_thread(session_cookie)(hugo)
    hello = {"t": "hello", "seq": 0, "epoch": "", "topics": []}

    async def told(epoch: int) -> list[str]:
        kinds: list[str] = []
        async with socket(live_server_url, cookie=cookie) as line:
            await line.send(json.dumps({**hello, "rights": str(epoch)}))
            while not {"rights", "beat"} & set(kinds):
                kinds.append(json.loads(await asyncio.wait_for(line.recv(), 20))["t"])
        return kinds

    drawn_with = hugo.permission_epoch
    assert "rights" not in await told(drawn_with), "the control: nothing changed"
    await in_thread(user_set_locale)(user_id=hugo.pk, locale="de")
    assert "rights" in await told(drawn_with)


async def test_topics_without_the_right_are_not_served(
    live_server_url: str, hotel: Property, room: Room, maria: User
) -> None:
    """Unknown and forbidden topics are left out silently; the rest is served."""
    cookie = await in_thread(session_cookie)(maria)
    head = await in_thread(stream_head)(hotel.pk)

    async with socket(live_server_url, cookie=cookie) as line:
        topics = ["no_such_thing", "room_card", 7]
        await line.send(json.dumps({"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": topics}))
        await in_thread(room_mark)(room_id=room.pk, condition="dirty")
        screen = Screen()
        while not screen.pieces:
            screen.take(json.loads(await asyncio.wait_for(line.recv(), 5)))

    assert list(screen.pieces) == [f"room-card-{room.pk}"]


async def test_others_notice_nothing_of_pages_that_break_the_protocol(
    live_server_url: str, hotel: Property, room: Room, hugo: User, maria: User
) -> None:
    """Ten pages break it in every way while one is open beside them: it hears of a change as ever."""
    cookie, bad = await in_thread(session_cookie)(maria), await in_thread(session_cookie)(hugo)
    head = await in_thread(stream_head)(hotel.pk)
    screen = Screen()

    async with socket(live_server_url, cookie=cookie) as line:
        hello = {"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": ["room_card"]}
        await line.send(json.dumps(hello))
        for message in ("x" * (65 * 1024), "not json", '{"t": "here", "object": [], "mode": {}}', b"\x00") * 3:
            async with socket(live_server_url, cookie=bad) as broken:
                await broken.send(json.dumps(hello))
                await broken.send(message)
                assert await closed_with(broken) in (4400, 4413)
        await in_thread(room_mark)(room_id=room.pk, condition="dirty")
        while not screen.pieces:
            screen.take(json.loads(await asyncio.wait_for(line.recv(), 5)))

    assert list(screen.pieces) == [f"room-card-{room.pk}"]


async def test_a_place_of_another_hotel_is_left_out_silently(
    live_server_url: str, hotel: Property, other_hotel: Property, room: Room, hugo: User
) -> None:
    """It is closed for none of these: a page may be older than its reader's rights."""
    cookie = await in_thread(session_cookie)(hugo)

    async with socket(live_server_url, cookie=cookie) as line:
        await line.send(json.dumps({"t": "hello", "seq": 0, "epoch": "", "topics": []}))
        for place in (f"hotel:{other_hotel.pk}", f"reservation:{room.pk}", "no_such:thing", f"room:{room.pk}"):
            await line.send(json.dumps({"t": "here", "object": place, "mode": "looking"}))
        told: dict[str, Any] = {}
        async with socket(live_server_url, cookie=cookie) as tab:
            await tab.send(json.dumps({"t": "hello", "seq": 0, "epoch": "", "topics": []}))
            await tab.send(json.dumps({"t": "here", "object": f"room:{room.pk}", "mode": "editing"}))
            while not any(told.values()):
                message = json.loads(await asyncio.wait_for(line.recv(), 15))
                told = message["at"] if message["t"] == "present" else told

    assert set(told) == {f"room:{room.pk}"}
