"""A thousand pages in one process: as little work for each message as an honest measurement allows.

Reads WebSocket frames straight from the transport, notes when each number of the stream arrived, answers pings and
the hub's flow control. The crowd runs in a process of its own: readers must not slow the clock of the writer.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
NEWS = re.compile(rb'\{"t":"news","seq":(\d+)')
# As the page does (static/js/live.js): its first and longest pause before it comes back unless the heartbeat told of
# a crowd, and how long it waits for a word of the server; seconds.
FIRST_PAUSE, LONGEST_PAUSE, SILENCE = 0.3, 10.0, 10.0
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
        self.spread = FIRST_PAUSE

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
        if message["t"] == "beat":
            self.spread = max(FIRST_PAUSE, message["spread"] / 1000)
        if "m" in message:
            self.write(TEXT, json.dumps({"t": "ack", "m": message["m"]}).encode())

    def write(self, kind: int, body: bytes) -> None:
        """Send one masked frame of at most 64 KiB."""
        size = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0xFE]) + len(body).to_bytes(2, "big")
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place & 3] for place, byte in enumerate(body))
        self.transport.write(bytes([0x80 | kind]) + size + mask + masked)


def crowd(url: str, cookies: list[str], number: int, hello: bytes | None, pipe: Connection) -> None:
    """Open `number` pages at `url`, tell `pipe` when all are in, and do what it says until it sends them home.

    `"home"` is answered with what each page saw, and the seconds of processor time. `("cut", jittered)` breaks all
    lines in one moment, and is answered with the seconds after which each page was back. `("pass", n)` lets `n` more
    pages come and go, some at a time, and is answered with `n`.
    """
    asyncio.run(Crowd(url, cookies, hello).obey(number, pipe))


class Crowd:
    """The pages, each with its own line."""

    def __init__(self, url: str, cookies: list[str], hello: bytes | None) -> None:
        self.url, self.cookies, self.hello = url, cookies, hello
        self.readers: list[Reader] = []
        self.door = asyncio.Semaphore(AT_ONCE)

    async def obey(self, number: int, pipe: Connection) -> None:
        """Come in and take orders."""
        self.readers = list(await asyncio.gather(*(self.enter(place) for place in range(number))))
        pipe.send("in")
        while (order := await asyncio.to_thread(pipe.recv)) != "home":
            what, how = order
            pipe.send(await (self.cut(jittered=how) if what == "cut" else self.let_pass(how)))
        used = time.process_time()
        for reader in self.readers:
            reader.transport.abort()
        seen = [reader.seen for reader in self.readers]
        pipe.send([(one.news, one.size, one.resyncs, one.closed) for one in seen])
        pipe.send(used)

    async def enter(self, place: int) -> Reader:
        """Open one page when it is its turn."""
        async with self.door:
            return await self._open(place, patience=60)

    async def let_pass(self, number: int) -> int:
        """Let so many pages come and go."""

        async def once(place: int) -> None:
            (await self.enter(place)).transport.abort()

        await asyncio.gather(*(once(place) for place in range(number)))
        return number

    async def cut(self, *, jittered: bool) -> list[float]:
        """Break every line at once; each page returns by itself, with the pauses of static/js/live.js or without."""
        began = time.monotonic()
        for reader in self.readers:
            reader.transport.abort()

        async def back(place: int) -> float:
            attempts, spread = 0, self.readers[place].spread
            while True:
                pause = min(max(LONGEST_PAUSE, 2 * spread), spread * 2**attempts) if jittered else 0.0
                await asyncio.sleep(random.random() * pause + 0.05)
                try:
                    self.readers[place] = await self._open(place, patience=SILENCE)
                except OSError:  # refused, or no word for too long
                    attempts += 1
                else:
                    return time.monotonic() - began

        return list(await asyncio.gather(*(back(place) for place in range(len(self.readers)))))

    async def _open(self, place: int, *, patience: float) -> Reader:
        cookie = self.cookies[place % len(self.cookies)] if self.cookies else ""
        return await _enter(self.url, cookie, self.hello, patience)


async def _enter(url: str, cookie: str, hello: bytes | None, patience: float) -> Reader:
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
    try:
        await asyncio.wait_for(reader.open, patience)
    except OSError:
        reader.transport.abort()
        raise
    return reader
