"""What a hub hears of Redis: one subscription to all its channels, which comes back by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import redis.asyncio
import redis.exceptions
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)


class Ear:
    """Listens on the channels of a hub: `heard(kind, key, hint)` for each hint, `back(missed)` after each connection.

    `missed` tells whether hints may have been lost since the last connection.
    """

    def __init__(self, heard: Callable[[str, str, str], Awaitable[None]], back: Callable[[bool], None]) -> None:
        self.heard, self.back = heard, back
        self.pubsub: Any = None
        self.channels: set[str] = set()

    async def subscribe(self, channel: str) -> None:
        """Listen to `channel` too."""
        if channel not in self.channels:
            self.channels.add(channel)
            await self._tell_redis("subscribe", channel)

    async def unsubscribe(self, channel: str) -> None:
        """Listen to `channel` no more."""
        self.channels.discard(channel)
        await self._tell_redis("unsubscribe", channel)

    async def listen_forever(self) -> None:
        """Listen until cancelled; while Redis is away, try to come back."""
        missed = False
        while True:
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
            try:
                await self._listen_on(client.pubsub(), missed=missed)
            except (redis.exceptions.RedisError, OSError) as error:
                log.warning("hub.redis_away", error=str(error))
            except Exception:
                # Whatever was heard: a hub that stopped listening would know of nothing but the heartbeat.
                log.exception("hub.listening_failed")
            finally:
                self.pubsub = None
                missed = True
                with suppress(redis.exceptions.RedisError, OSError):
                    await client.aclose()
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - jitter

    async def _listen_on(self, pubsub: Any, *, missed: bool) -> None:
        subscribed = {f"{settings.REDIS_PREFIX}:hub"} | self.channels
        await pubsub.subscribe(*subscribed)
        self.pubsub = pubsub  # only now: two coroutines must not open its connection at once
        if late := self.channels - subscribed:
            await pubsub.subscribe(*late)
        self.back(missed)
        async for message in pubsub.listen():
            if message["type"] == "message":
                _, kind, key = message["channel"].decode().rsplit(":", 2)
                await self.heard(kind, key, message["data"].decode())

    async def _tell_redis(self, verb: str, channel: str) -> None:
        if self.pubsub is None:
            return  # the next connection subscribes to everything anyway
        try:
            await getattr(self.pubsub, verb)(channel)
        except (redis.exceptions.RedisError, OSError) as error:
            log.warning("hub.redis_away", error=str(error))
