"""A thousand pages in one process: as little work for each message as an honest measurement allows.

Reads WebSocket frames straight from the transport, notes when each number of the stream arrived, answers pings and
the hub's flow control. `Crowd` runs in a process of its own, so that the clock of the writer is not slowed by readers.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
NEWS = re.compile(rb'\{"t":"news","seq":(\d+)')
AT_ONCE = 25  # openings under way at a time: a crowd comes in, it does not storm


@dataclass(slots=True)
class Seen:
    """What one page heard: (moment in POSIX seconds, number reached), and what should not happen."""

    news: list[tuple[float, int]] = field(default_factory=list)
    size: int = 0
    resyncs: int = 0
    closed: int = 0


class Reader(asyncio.Protocol):
    """One page of the crowd."""

    def __init__(self, hello: bytes | None) -> None:
        self.hello, self.seen, self.buffer = hello, Seen(), bytearray()
        self.open = asyncio.get_running_loop().create_future()
        self.shaken = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self.seen.closed += 1
        if not self.open.done():
            self.open.set_exception(ConnectionError("closed at the door"))

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self.buffer += data
        if not self.shaken and not self._shake():
            return
        while (frame := self._frame()) is not None:
            self._take(*frame, now)

    def _shake(self) -> bool:
        head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n")[0]:
            self.open.set_exception(ConnectionError(head.decode(errors="replace").splitlines()[0]))
            return False
        self.shaken, self.buffer = True, bytearray(rest)
        if self.hello is not None:
            self.write(TEXT, self.hello)
        else:
            self.open.set_result(None)
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        """Take one whole frame out of the buffer (a server does not mask), or return None."""
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(buffer) < start:
                return None
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return None
        frame = buffer[0] & 15, bytes(buffer[start : start + length])
        del buffer[: start + length]
        return frame

    def _take(self, kind: int, body: bytes, now: float) -> None:
        if kind == TEXT:
            found = NEWS.match(body)
            if found:
                self.seen.news.append((now, int(found[1])))
                self.seen.size += len(body)
            else:
                self._obey(body)
        elif kind == PING:
            self.write(PONG, body)

    def _obey(self, body: bytes) -> None:
        message: dict[str, Any] = json.loads(body)
        if message["t"] == "welcome" and not self.open.done():
            self.open.set_result(None)
        self.seen.resyncs += message["t"] == "resync"
        if "m" in message:
            self.write(TEXT, json.dumps({"t": "ack", "m": message["m"]}).encode())

    def write(self, kind: int, body: bytes) -> None:
        """Send one masked frame of at most 64 KiB."""
        size = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0xFE]) + len(body).to_bytes(2, "big")
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place & 3] for place, byte in enumerate(body))
        self.transport.write(bytes([0x80 | kind]) + size + mask + masked)


def crowd(url: str, cookies: list[str], number: int, hello: bytes | None, pipe: Connection) -> None:
    """Open `number` pages at `url`, tell `pipe` when all are in, read until it says so, send back what was seen."""
    asyncio.run(_crowd(url, cookies, number, hello, pipe))


async def _crowd(url: str, cookies: list[str], number: int, hello: bytes | None, pipe: Connection) -> None:
    door = asyncio.Semaphore(AT_ONCE)

    async def enter(place: int) -> Reader:
        async with door:
            return await _enter(url, cookies[place % len(cookies)] if cookies else "", hello)

    readers = await asyncio.gather(*(enter(place) for place in range(number)))
    pipe.send("in")
    await asyncio.to_thread(pipe.recv)
    used = time.process_time()
    for reader in readers:
        reader.transport.abort()
    pipe.send([(seen.news, seen.size, seen.resyncs, seen.closed) for seen in (reader.seen for reader in readers)])
    pipe.send(used)


async def _enter(url: str, cookie: str, hello: bytes | None) -> Reader:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _transport, reader = await loop.create_connection(lambda: Reader(hello), parts.hostname, parts.port)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {parts.path or '/'} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Origin: http://{parts.netloc}",
        f"Cookie: session={cookie}",
    ]
    reader.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await asyncio.wait_for(reader.open, 60)
    return reader
