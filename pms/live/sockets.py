"""One open page, as the hub sees it: who it is, what it shows, and how much it has not read yet."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pms.accounts.selectors import SignIn
from pms.core.metrics import RESYNCS

from .batches import Piece, Topics
from .fragments import Audience

Message = dict[str, Any]

# What may lie between us and a page that does not read. Beyond it the page is told to read itself anew.
MOST_UNREAD_BYTES = 512 * 1024
MOST_QUEUED = 512
# A page that reads is asked so often within one such window; one that hears little answers the heartbeat only.
MARKS_IN_A_WINDOW = 8
# A page that answers no heartbeat for so long is dead, whatever TCP says: seconds, well over a short hole in the line.
SILENCE = 40.0
# No line is older (seconds): the next one is signed in, and subscribed, afresh. Not all of a morning in one moment.
OLDEST = 12 * 3600.0
# The extension of the scope whose `write` is a short way to the page (pms.runtime.lines); other servers have none.
LINE = "pms.line"
NOBODY = '{"t":"present","here":"","at":{}}'


class Close:
    """Why a socket is closed by us (codes 4000-4999 are the application's own, RFC 6455)."""

    # Not 1008 and 1009: some servers let an application send only 1000 and 3000-4999.
    BAD_MESSAGE = 4400
    TOO_BIG = 4413
    RIGHTS = 4403
    SIGNED_OUT = 4401
    DEAD = 4408
    OLD = 4410
    AWAY = 4503


@dataclass(eq=False)
class PageSocket:
    """A page's end of the hub.

    Two guards keep a slow page from costing others anything: a bounded queue towards the server, and the count of
    bytes it has not acknowledged (what lies in the buffers of servers and proxies between us hides a stalled reader).
    Once over the limit the page gets no more pieces until it has read what it has; then it is told to resync.
    What can be is sent at once by `write` (pms.runtime.lines), the rest waits in the queue for `send`.
    `key` names the page among all of the hotel, `at` says where its reader is (place → mode), `presence` is what the
    page was last told of others, and `asked` when it left a heartbeat unanswered first (monotonic seconds, else 0).
    """

    sign_in: SignIn
    permission_epoch: int
    audience: Audience
    topics: Topics
    send: Callable[[str], Awaitable[None]]
    close: Callable[[int], Awaitable[None]]
    write: Callable[[str], bool] | None = None
    name: str = ""
    narrowing: Any = None
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    at: dict[str, str] = field(default_factory=dict)
    presence: str = NOBODY
    seq: int = 0
    catching_up: bool = True
    lagging: bool = False
    sent: int = 0
    marked: int = 0
    read: int = 0
    asked: float = 0.0
    waiting: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + random.uniform(0.8, 1.0) * OLDEST)  # noqa: S311
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_QUEUED))

    @property
    def user_id(self) -> uuid.UUID:
        """Return whose page it is."""
        return self.sign_in.user_id

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
        if self.sent - self.read + len(text) > MOST_UNREAD_BYTES or not self._pass_on(text):
            self.lagging = True
            return
        self.sent += len(text)

    def _pass_on(self, text: str) -> bool:
        """Give `text` to the server, now if nothing waits before it; False if too much waits."""
        if not self.waiting and self.write is not None and self.write(text):
            return True
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            return False
        self.waiting += 1
        return True

    def put_news(self, text: str, seq: int) -> None:
        """Queue news that bring the page to `seq`; ask for an acknowledgement now and then, not after each.

        Without a text nothing that the page shows has changed: the next heartbeat tells it the number.
        """
        self.seq = max(self.seq, seq)
        if not text:
            return
        self.put_text(text)
        if self.sent - self.marked >= MOST_UNREAD_BYTES // MARKS_IN_A_WINDOW:
            self.marked = self.sent
            self.put_text(f'{{"t":"mark","m":{self.sent}}}')

    def acknowledged(self, read: int) -> None:
        """Note that the page has read `read` bytes; a page that lagged behind now reads itself anew."""
        self.asked = 0.0
        self.read = max(self.read, min(read, self.sent))
        if self.lagging and self.sent - self.read < MOST_UNREAD_BYTES // MARKS_IN_A_WINDOW:
            self.lagging = False
            self.resync()

    def resync(self) -> None:
        """Tell the page to fetch its live regions once."""
        RESYNCS.inc()
        self.put({"t": "resync", "seq": self.seq})

    def beat(self, spread: float) -> None:
        """Send the heartbeat; to a lagging page too, past the guard: it asks for the acknowledgement that frees it.

        `spread` is over how many seconds the pages of this process are to come back if their lines are cut.
        """
        seq = 0 if self.catching_up else self.seq  # a page that still misses pieces must not believe itself there
        text = json.dumps({"t": "beat", "seq": seq, "m": self.sent, "spread": round(spread * 1000)})
        self._pass_on(text)
        self.asked = self.asked or time.monotonic()

    def is_silent(self) -> bool:
        """Tell whether the page has left the heartbeat unanswered for too long."""
        return self.asked > 0 and time.monotonic() - self.asked > SILENCE

    def is_old(self) -> bool:
        """Tell whether the line has lasted long enough."""
        return time.monotonic() > self.ends

    def put_presence(self, text: str) -> None:
        """Queue who else is here, unless the page shows that already."""
        if text != self.presence and not self.lagging:
            self.presence = text
            self.put_text(text)

    async def write_forever(self) -> None:
        """Send what is queued, in order, until cancelled or the line is gone."""
        with suppress(OSError):
            while True:
                await self.send(await self.queue.get())
                self.waiting -= 1


def news_text(pieces: Sequence[Piece], seq: int, *, partial: bool = False) -> str:
    """Return the message for pieces read at `seq`; the same text goes to every page that shows the same.

    After `partial` news the page does not count as having reached `seq`: there is more of it to come.
    """
    told = [{"topic": piece.topic, "id": piece.dom_id, "html": piece.html} for piece in pieces]
    message: Message = {"t": "news", "seq": seq, "pieces": told}
    if partial:
        message["partial"] = True
    return json.dumps(message, separators=(",", ":"))
