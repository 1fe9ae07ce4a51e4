"""The short way to a page: what is written past the server's own `send` keeps its order and stops where TCP does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest
from websockets.asyncio.client import connect

from pms.live import sockets
from pms.runtime import lines
from pms.runtime.testing import live_server

COUNTED = 2_000


async def counting(scope: Any, receive: Any, send: Any) -> None:
    """Send numbers in order: as many as go by the short way, and those that do not as usual."""
    if scope["type"] == "http":  # whether it is up
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        return
    write = scope["extensions"][sockets.LINE]["write"]
    assert not write("before it is open")
    await receive()
    await send({"type": "websocket.accept"})
    shortly = 0
    for number in range(COUNTED):
        await asyncio.sleep(0)  # the transport looks at its buffer once a turn
        text = json.dumps({"number": number, "rest": "x" * 10_000})
        if write(text):
            shortly += 1
        else:
            await send({"type": "websocket.send", "text": text})
    await send({"type": "websocket.send", "text": json.dumps({"shortly": shortly})})
    await send({"type": "websocket.close"})
    assert not write("after it was closed")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    with live_server("tests.realtime.test_lines:counting") as url:
        yield url.replace("http://", "ws://")


async def test_a_reader_gets_everything_in_order_by_both_ways(address: str) -> None:
    async with connect(address, max_size=None) as page:
        await asyncio.sleep(0.5)  # what it does not read piles up, so that the short way closes for a while
        heard = [json.loads(text) async for text in page]

    assert [message["number"] for message in heard[:-1]] == list(range(COUNTED))
    assert 0 < heard[-1]["shortly"] < COUNTED


def test_both_ends_name_it_alike() -> None:
    assert sockets.LINE == lines.LINE
