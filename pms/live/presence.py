"""Who is here, and who is looking at or editing the same: known to all processes through Redis, written nowhere else.

Each open page is a line in the hash of its hotel, good for `LASTS` seconds and written again every `REFRESH`: what a
dead process leaves behind runs out. Without Redis nobody is shown, until it is back (docs/live.md).
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis.asyncio
import redis.exceptions
import structlog
from django.conf import settings

from pms.events.bell import property_channel

from . import places
from .crowd import Crowd, Drawing, draw
from .sockets import PageSocket

log = structlog.get_logger(__name__)

REFRESH = 10.0
LASTS = 30.0
# People come and go in bursts (a restart): what they say is written, and shown, together.
GATHER = 0.15
PATIENCE = 2.0
# A page shows itself and a dialog; more than a few are no page of ours.
MOST_PLACES = 8
HINT = "here"

Pages = Callable[[uuid.UUID], Iterable[PageSocket]]
InPool = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """One open page anywhere: whose, and at what. `until` is POSIX seconds."""

    key: str
    user_id: str
    name: str
    at: tuple[tuple[str, str], ...]
    until: float

    def text(self) -> str:
        """Return the line as it is kept in Redis."""
        return json.dumps({"user": self.user_id, "name": self.name, "at": dict(self.at), "until": self.until})

    @classmethod
    def of(cls, page: PageSocket) -> Line:
        """Return the line of a page of this process."""
        places_now = tuple(sorted(page.at.items()))
        return cls(page.key, str(page.user_id), page.name, places_now, time.time() + LASTS)

    @classmethod
    def parsed(cls, key: str, text: str) -> Line:
        """Return a line that some process wrote."""
        told = json.loads(text)
        return cls(key, told["user"], told["name"], tuple(told["at"].items()), told["until"])


class Presence:
    """The hub's share in presence: tells Redis of its own pages, and its own pages of everybody."""

    def __init__(self, pages_of: Pages, properties: Callable[[], Iterable[uuid.UUID]], in_pool: InPool) -> None:
        self.pages_of, self.properties, self.in_pool = pages_of, properties, in_pool
        self.said: dict[uuid.UUID, set[PageSocket]] = {}
        self.gone: dict[uuid.UUID, set[str]] = {}
        self.stale: set[uuid.UUID] = set()
        self.wake = asyncio.Event()
        self.refreshed = time.monotonic()

    async def say(self, page: PageSocket, place: str, mode: str) -> None:
        """Note where somebody says to be: `mode` is looking, editing, or empty for not any more.

        What the page's reader may not see, or what is not of this hotel, is left out silently.
        """
        if not mode:
            page.at.pop(place, None)
        elif place in page.at or (
            len(page.at) < MOST_PLACES and await self.in_pool(places.exists, place, page.audience)
        ):
            page.at[place] = mode
        else:
            return
        self.changed(page)

    def changed(self, page: PageSocket) -> None:
        """Tell everybody soon where this page is."""
        self.said.setdefault(page.property_id, set()).add(page)
        self.wake.set()

    def left(self, page: PageSocket) -> None:
        """Tell everybody soon that this page is closed."""
        self.said.get(page.property_id, set()).discard(page)
        self.gone.setdefault(page.property_id, set()).add(page.key)
        self.wake.set()

    def look(self, property_id: uuid.UUID) -> None:
        """Read anew who is at the hotel: some process said so."""
        self.stale.add(property_id)
        self.wake.set()

    async def keep(self) -> None:
        """Write and read until cancelled."""
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        )
        try:
            while True:
                await self._wait()
                try:
                    await self._turn(client)
                except Exception:
                    # Whatever it was, the next turn tries again: one bad line must not blind the hotel for good.
                    log.exception("presence.failed")
                await asyncio.sleep(GATHER)
        finally:
            await client.aclose()

    async def _turn(self, client: redis.asyncio.Redis) -> None:
        try:
            await self._write(client)
            await self._read(client)
        except (redis.exceptions.RedisError, OSError) as error:
            log.warning("presence.redis_away", error=str(error))
            await self._show_nobody()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self.refreshed + REFRESH - time.monotonic())):
                await self.wake.wait()
        self.wake.clear()
        if time.monotonic() - self.refreshed < REFRESH:
            return
        self.refreshed = time.monotonic()
        for property_id in list(self.properties()):
            self.said.setdefault(property_id, set()).update(self.pages_of(property_id))
            self.stale.add(property_id)

    async def _write(self, client: redis.asyncio.Redis) -> None:
        said, self.said = self.said, {}
        gone, self.gone = self.gone, {}
        for property_id in said.keys() | gone.keys():
            pages, keys = said.get(property_id), gone.get(property_id)
            async with client.pipeline(transaction=False) as pipe:
                if pages:
                    lines = {page.key: Line.of(page).text() for page in pages}
                    pipe.hset(_hash(property_id), mapping=lines)  # type: ignore[arg-type]
                    pipe.expire(_hash(property_id), round(LASTS * 2))
                if keys:
                    pipe.hdel(_hash(property_id), *keys)
                pipe.publish(property_channel(property_id), HINT)
                await pipe.execute()

    async def _read(self, client: redis.asyncio.Redis) -> None:
        stale, self.stale = self.stale, set()
        for property_id in stale:
            found: dict[bytes, bytes] = await client.hgetall(_hash(property_id))  # type: ignore[assignment]
            lines = [Line.parsed(key.decode(), text.decode()) for key, text in found.items()]
            now = time.time()
            if over := [line.key for line in lines if line.until < now]:
                await client.hdel(_hash(property_id), *over)
            await self._show(property_id, [line for line in lines if line.until >= now])

    async def _show(self, property_id: uuid.UUID, lines: list[Line]) -> None:
        crowd = Crowd.of((line.key, line.user_id, line.name, dict(line.at)) for line in lines)
        views = {page: crowd.seen_by(page) for page in self.pages_of(property_id)}
        drawn: dict[Drawing, str] = await self.in_pool(draw, set(views.values()))
        for page, view in views.items():
            page.put_presence(drawn[view])

    async def _show_nobody(self) -> None:
        for property_id in list(self.properties()):
            await self._show(property_id, [])


def _hash(property_id: uuid.UUID) -> str:
    return f"{settings.REDIS_PREFIX}:present:{property_id}"
