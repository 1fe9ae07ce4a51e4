"""Lets in as many requests as the database has connections for; who comes later waits in line instead of failing.

Under ASGI each request gets a thread of its own. Without a door, fifty guests at once mean fifty threads that fight for
the connections of one pool, and the last in that fight wait past the pool's limit and are told the database is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from django.http import HttpResponse

from .metrics import AT_WORK, LINE, TURNED_AWAY, WAITED

log = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Asked by machines that must hear the truth at once, most of all while the line is long.
NEVER_WAIT = frozenset({"/healthz", "/readyz", "/metrics"})


class Admission:
    """An ASGI application in front of `inner`: at most `at_work` requests inside, the others wait in order of arrival.

    Whoever waited `patience` seconds gets `refusal(path)`; nothing of that request was read or done. A client that
    hangs up leaves the line. Must live in one event loop.
    """

    def __init__(
        self, inner: Application, *, at_work: int, patience: float, refusal: Callable[[str], HttpResponse]
    ) -> None:
        self.inner = inner
        self.places = asyncio.Semaphore(at_work)
        self.patience = patience
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in NEVER_WAIT:
            await self.inner(scope, receive, send)
            return
        try:
            with LINE.track_inprogress(), WAITED.time():
                async with asyncio.timeout(self.patience):
                    await self.places.acquire()
        except TimeoutError:
            TURNED_AWAY.inc()
            log.warning("request.refused_in_line", path=scope["path"], seconds=self.patience)
            await _send(self.refusal(scope["path"]), send)
            return
        try:
            with AT_WORK.track_inprogress():
                await self.inner(scope, receive, send)
        finally:
            self.places.release()


async def _send(response: HttpResponse, send: Send) -> None:
    headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
