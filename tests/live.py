"""Pages without a browser: one that listens inside the process, one that speaks the real protocol over a socket.

`Screen` keeps what a page would show and applies pieces by the same rule as static/js/pieces.js, so a test can compare
"old page + pushed pieces" with a freshly drawn one.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from pms.accounts.models import User
from pms.accounts.selectors import SignIn
from pms.live.fragments import Audience, Fragment, fragment_named
from pms.live.hub import Hub
from pms.live.pages import audience_of
from pms.live.sockets import PageSocket
from tests.clients import signed_in

Message = dict[str, Any]
SEQ = re.compile(r'data-seq="(\d+)"')


@dataclass
class Screen:
    """The pieces a page shows, by id, and where it stands in the stream."""

    pieces: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    epoch: str = ""
    resyncs: int = 0
    told: list[str] = field(default_factory=list)
    here: str = ""
    at: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def take(self, message: Message) -> None:
        """Apply one message as the page's script would."""
        self.messages.append(message)
        kind = message["t"]
        if kind == "news":
            for piece in message["pieces"]:
                self._place(piece, message["seq"])
        if kind == "beat" or (kind == "news" and not message.get("partial")):
            self.seq = max(self.seq, message["seq"])
        elif kind == "welcome":
            self.epoch = message["epoch"]
        elif kind == "present":
            self.here, self.at = message["here"], message["at"]
        elif kind == "resync":
            self.resyncs += 1
            self.seq = message["seq"]

    def _place(self, piece: Message, seq: int) -> None:
        self.told.append(piece["id"])
        old = self.pieces.get(piece["id"])
        if not piece["html"]:
            if old is None or seq_of(old) <= seq:
                self.pieces.pop(piece["id"], None)
        elif old is None or seq_of(old) <= seq_of(piece["html"]):
            self.pieces[piece["id"]] = piece["html"]

    def kinds(self) -> list[str]:
        """Return the kinds of the messages so far."""
        return [message["t"] for message in self.messages]


def seq_of(html: str) -> int:
    """Return the number a drawn piece carries."""
    found = SEQ.search(html)
    return int(found.group(1)) if found else 0


def sight(html: str) -> str:
    """Return what a person sees of a piece: without its number, white space folded."""
    return re.sub(r"\s+", " ", SEQ.sub("", html)).strip()


def draw_all(fragment: Fragment, pks: list[Any], audience: Audience) -> dict[str, str]:
    """Return the pieces a freshly opened page would show."""
    return {fragment.dom_id(pk): html for pk, html in fragment.render_many(pks, audience).items() if html}


class Listener:
    """A page inside this process, attached to a hub of the test's own."""

    def __init__(self, hub: Hub, user: User, audience: Audience, topics: frozenset[str], *, session_key: str) -> None:
        self.hub, self.screen, self.closed = hub, Screen(), 0
        self.gone = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self.acknowledges = True
        self.socket = PageSocket(
            sign_in=SignIn(user.pk, session_key, user.get_session_auth_hash()),
            permission_epoch=user.permission_epoch,
            audience=audience,
            topics=topics,
            send=self._send,
            close=self._close,
            name=str(user),
        )
        self.writer = asyncio.create_task(self.socket.write_forever())

    async def open(self, *, seq: int = 0, epoch: str = "") -> Listener:
        """Say hello from where the page stands."""
        self.screen.seq = seq
        await self.hub.attach(self.socket, seq=seq, epoch=epoch)
        return self

    async def until(self, seen: Callable[[Screen], bool], *, seconds: float = 5.0) -> float:
        """Wait until the screen satisfies `seen` and return how long it took; fail after `seconds`."""
        began = time.monotonic()
        while not seen(self.screen):
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not seen in {seconds} s; messages: {self.screen.kinds()[-20:]}")
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    async def leave(self) -> None:
        """Close the page."""
        self.writer.cancel()
        await self.hub.detach(self.socket)

    async def _send(self, text: str) -> None:
        await self.reading.wait()
        message = json.loads(text)
        self.screen.take(message)
        if self.acknowledges and "m" in message:
            self.socket.acknowledged(message["m"])

    async def _close(self, code: int) -> None:
        self.closed = code
        self.gone.set()


async def listen(
    hub: Hub, user: User, property_id: Any, *topics: str, browser: Client | None = None, **where: Any
) -> Listener:
    """Open a page of `user` at the property that shows `topics`, and return it; in a browser of its own if none is."""
    audience = await sync_to_async(audience_of, thread_sensitive=False)(user, property_id)
    client = browser or await sync_to_async(signed_in, thread_sensitive=False)(user)
    return await Listener(hub, user, audience, frozenset(topics), session_key=session_key_of(client)).open(**where)


def fragment(name: str) -> Fragment:
    """Return the fragment `name`, which must exist."""
    found = fragment_named(name)
    assert found is not None, f"no fragment {name}"
    return found


def session_cookie(user: User) -> str:
    """Return the cookie header of a signed-in browser of `user`."""
    return f"{settings.SESSION_COOKIE_NAME}={session_key_of(signed_in(user))}"


def session_key_of(browser: Client) -> str:
    """Return the key of the session that the browser is signed in by."""
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
