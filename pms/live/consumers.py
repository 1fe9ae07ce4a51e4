"""The one socket of a page: sign-in, subscription and protocol. Everything else is the hub's.

What a page says: `hello` once (where it stands and what it shows), then `ack` and `here`. What it hears: `welcome`,
`news`, `mark`, `beat`, `away`, `resync`, `rights`, `hint`, `present` (docs/live.md).
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import structlog
from channels.auth import get_user
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.apps import apps
from django.conf import settings
from django.db import Error as DatabaseError

from pms.accounts.models import User
from pms.accounts.selectors import SignIn

from .fragments import Audience, fragment_of
from .hub import the_hub
from .pages import audience_of
from .places import MODES
from .sockets import LINE, Close, PageSocket

log = structlog.get_logger(__name__)

BIGGEST_MESSAGE = 64 * 1024
MOST_PER_SECOND = 20
MOST_TOPICS = 100
LONGEST_TOPIC = 1000


class PageConsumer(AsyncWebsocketConsumer):
    """Serves `/ws/h/<code>/`. A person without any right at the hotel is refused in the handshake."""

    async def connect(self) -> None:
        self.page: PageSocket | None = None
        self.writer: asyncio.Task[None] | None = None
        self.window_began, self.in_window = time.monotonic(), 0
        code = self.scope["url_route"]["kwargs"]["code"]
        # Gives its connection back: one that a thread kept would be dead for good once the database restarts. All in
        # one call: a thousand pages may come at once, and each call borrows a connection.
        found = database_sync_to_async(_at_the_door, thread_sensitive=False)
        self.user, audience = await found(self.scope, code)
        # Accepted first in either case: a browser only learns the code of a socket that was open.
        await self.accept()
        if audience is None:
            await self.close(Close.RIGHTS if getattr(self.user, "is_authenticated", False) else Close.SIGNED_OUT)
            return
        self.audience = audience

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take one message after the other.

        Channels waits for its layer too, with a task for each message, and looks at this thread's database connections
        before it: both cost more than the message. What needs a connection takes it in a thread and gives it back.
        """
        self.scope, self.base_send, self.channel_layer = scope, send, None
        with suppress(StopConsumer):
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)

    async def disconnect(self, code: int) -> None:
        if self.writer is not None:
            self.writer.cancel()
        if self.page is not None:
            await the_hub().detach(self.page)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the page; a page that breaks the protocol is closed, the others notice nothing."""
        if text_data is None or len(text_data) > BIGGEST_MESSAGE:
            await self.close(Close.TOO_BIG)
            return
        message = _parsed(text_data)
        if message is None or self._too_many():
            await self.close(Close.BAD_MESSAGE)
        elif message["t"] == "hello" and self.page is None:
            await self._hello(message)
        elif message["t"] == "ack" and self.page is not None:
            self.page.acknowledged(_number(message.get("m")))
        elif message["t"] == "here" and self.page is not None:
            await self._here(self.page, message.get("object"), message.get("mode"))

    async def _hello(self, message: dict[str, Any]) -> None:
        if message.get("user") not in (None, str(self.user.pk)):
            # Somebody else signed in with this browser: the page was drawn for who was here before.
            await self.close(Close.SIGNED_OUT)
            return
        self.page = PageSocket(
            sign_in=SignIn(self.user.pk, self.scope["session"].session_key, self.user.get_session_auth_hash()),
            permission_epoch=self.user.permission_epoch,
            audience=self.audience,
            topics=_topics(message.get("topics"), self.audience),
            send=self.send,
            close=self.close,
            write=self.scope.get("extensions", {}).get(LINE, {}).get("write"),
            name=str(self.user.acted_by or self.user),
            narrowing=self.user.narrowing,
        )
        self.writer = asyncio.create_task(self.page.write_forever())
        try:
            await the_hub().attach(self.page, seq=_number(message.get("seq")), epoch=str(message.get("epoch") or ""))
        except (DatabaseError, OSError) as error:
            # Attached by half it would hear nothing of what it missed: it comes again by itself.
            log.warning("socket.not_attached", error=str(error))
            await self.close(Close.AWAY)
            return
        if message.get("rights") not in (None, str(self.user.permission_epoch)):
            # Changed between the drawing of the page and this hello: nobody else will tell it.
            self.page.put({"t": "rights", "seq": self.page.seq})

    async def _here(self, page: PageSocket, place: Any, mode: Any) -> None:
        if not isinstance(place, str) or not isinstance(mode, str) or mode not in {*MODES, ""}:
            await self.close(Close.BAD_MESSAGE)
            return
        try:
            await the_hub().presence.say(page, place, mode)
        except (DatabaseError, OSError) as error:
            log.warning("presence.not_looked_up", error=str(error))  # the page says it again

    def _too_many(self) -> bool:
        now = time.monotonic()
        if now - self.window_began >= 1.0:
            self.window_began, self.in_window = now, 0
        self.in_window += 1
        return self.in_window > MOST_PER_SECOND


def _at_the_door(scope: Any, code: str) -> tuple[Any, Audience | None]:
    """Return whose session this is, and the audience she belongs to at the hotel `code`, or None without a right."""
    user = get_user.func(scope)  # what channels.auth's middleware would call, in a thread of its own
    return user, _audience(user, code)


def _audience(user: Any, code: str) -> Audience | None:
    """Return the audience `user` belongs to at the hotel `code`, or None if she has no right there."""
    if not isinstance(user, User) or not user.is_active:
        return None
    tenant = apps.get_model(settings.TENANT_MODEL)
    property_id = tenant._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if property_id is None:
        return None
    audience = audience_of(user, property_id)
    return audience if audience.rights else None


def _topics(value: Any, audience: Audience) -> frozenset[str]:
    """Return the asked topics whose fragment this audience may see; unknown ones are left out silently."""
    asked = [topic for topic in value if isinstance(topic, str)] if isinstance(value, list) else []
    allowed = set()
    for topic in asked[:MOST_TOPICS]:
        fragment = fragment_of(topic) if len(topic) <= LONGEST_TOPIC else None
        if fragment is not None and fragment.right in audience.rights:
            allowed.add(topic)
    return frozenset(allowed)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        message = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return message if isinstance(message, dict) and isinstance(message.get("t"), str) else None


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else 0
