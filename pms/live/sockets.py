"""One open page, as the hub sees it: who it is, what it shows, and how much it has not read yet."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .batches import Piece, Topics
from .fragments import Audience

Message = dict[str, Any]

# What may lie between us and a page that does not read. Beyond it the page is told to read itself anew.
MOST_UNREAD_BYTES = 512 * 1024
MOST_QUEUED = 512


class Close:
    """Why a socket is closed by us (codes 4000-4999 are the application's own, RFC 6455)."""

    # Not 1008 and 1009: Autobahn, under Daphne, lets an application send only 1000 and 3000-4999.
    BAD_MESSAGE = 4400
    TOO_BIG = 4413
    RIGHTS = 4403
    SIGNED_OUT = 4401
    DEAD = 4408


@dataclass(eq=False)
class PageSocket:
    """A page's end of the hub.

    Two guards keep a slow page from costing others anything: a bounded queue towards the server, and the count of
    bytes it has not acknowledged (Daphne takes writes without limit, so the transport would hide a stalled reader).
    Once over the limit the page gets no more pieces until it has read what it has; then it is told to resync.
    """

    user_id: uuid.UUID
    permission_epoch: int
    audience: Audience
    topics: Topics
    send: Callable[[str], Awaitable[None]]
    close: Callable[[int], Awaitable[None]]
    seq: int = 0
    catching_up: bool = True
    lagging: bool = False
    sent: int = 0
    read: int = 0
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_QUEUED))

    @property
    def property_id(self) -> uuid.UUID:
        """Return the property the page belongs to."""
        return self.audience.property_id

    def put(self, message: Message) -> None:
        """Queue `message` for the page; never waits, never raises."""
        self.put_text(json.dumps(message, separators=(",", ":")))

    def put_text(self, text: str) -> None:
        """Queue a message that is text already, so that one text serves many sockets."""
        if self.lagging:
            return
        if self.sent - self.read + len(text) > MOST_UNREAD_BYTES:
            self.lagging = True
            return
        try:
            self.queue.put_nowait(text)
            self.sent += len(text)
        except asyncio.QueueFull:
            self.lagging = True

    def put_pieces(self, texts: list[str], seq: int) -> None:
        """Queue drawn pieces and the number they bring the page to."""
        for text in texts:
            self.put_text(text)
        self.seq = max(self.seq, seq)
        if not self.catching_up:
            self.mark()

    def mark(self) -> None:
        """Tell the page how far it has come; it answers with how many bytes it has read."""
        self.put({"t": "seq", "seq": self.seq, "m": self.sent})

    def acknowledged(self, read: int) -> None:
        """Note that the page has read `read` bytes; a page that lagged behind now reads itself anew."""
        self.read = max(self.read, min(read, self.sent))
        if self.lagging and self.sent - self.read < MOST_UNREAD_BYTES // 8:
            self.lagging = False
            self.resync()

    def resync(self) -> None:
        """Tell the page to fetch its live regions once."""
        self.put({"t": "resync", "seq": self.seq})

    def beat(self) -> None:
        """Send the heartbeat; to a lagging page too, past the guard: it asks for the acknowledgement that frees it."""
        text = json.dumps({"t": "beat", "seq": self.seq, "m": self.sent})
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait(text)

    async def write_forever(self) -> None:
        """Send what is queued, in order, until cancelled."""
        while True:
            await self.send(await self.queue.get())


def piece_text(piece: Piece, seq: int) -> str:
    """Return the message for one piece; the same text goes to every socket of its audience."""
    message = {"t": "piece", "topic": piece.topic, "id": piece.dom_id, "seq": seq, "html": piece.html}
    return json.dumps(message, separators=(",", ":"))
