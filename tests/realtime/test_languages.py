"""Pieces arrive in the language of who reads them, and open pages follow when she chooses another."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from pms.accounts.services import user_set_locale
from pms.events.selectors import stream_head
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import Screen, session_cookie
from tests.realtime.test_socket import socket

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


async def piece_for(line: Any, screen: Screen) -> str:
    """Return the first piece that comes over the line."""
    while not screen.pieces:
        screen.take(json.loads(await asyncio.wait_for(line.recv(), 30)))
    return next(iter(screen.pieces.values()))


async def test_two_readers_of_one_room_hear_of_it_in_two_languages(
    live_server_url: str, hotel: Property, room: Room, hugo: User, anna: User
) -> None:
    await in_thread(user_set_locale)(user_id=hugo.pk, locale="de")
    await in_thread(user_set_locale)(user_id=anna.pk, locale="es")
    cookies = [await in_thread(session_cookie)(user) for user in (hugo, anna)]
    head = await in_thread(stream_head)(hotel.pk)
    hello = json.dumps({"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": ["room_card"]})

    async with (
        socket(live_server_url, cookie=cookies[0]) as german,
        socket(live_server_url, cookie=cookies[1]) as spanish,
    ):
        for line in (german, spanish):
            await line.send(hello)
            assert json.loads(await asyncio.wait_for(line.recv(), 30))["t"] == "welcome"
        await in_thread(room_mark)(room_id=room.pk, condition="dirty")
        pieces = [await piece_for(german, Screen()), await piece_for(spanish, Screen())]

    assert "Schmutzig" in pieces[0] and "Sucia" in pieces[1]
    assert not any("Dirty" in piece for piece in pieces)


@pytest.fixture
def board(browser: Browser, live_server_url: str, hotel: Property, room: Room, hugo: User) -> Page:
    """Hugo's board of rooms, connected."""
    context = browser.new_context()
    name, value = session_cookie(hugo).split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": live_server_url}])
    page = context.new_page()
    page.goto(f"{live_server_url}/h/{hotel.code}/rooms/")
    expect(page.locator("#connection[data-state=live]")).to_be_attached(timeout=30_000)
    return page


@pytest.mark.browser
def test_an_open_page_follows_when_its_reader_chooses_another_language(board: Page, hugo: User) -> None:
    expect(board.locator("html")).to_have_attribute("lang", "en")

    user_set_locale(user_id=hugo.pk, locale="de")

    expect(board.locator("html")).to_have_attribute("lang", "de", timeout=30_000)
    expect(board.locator("h1")).to_have_text("Zimmer")
