"""The pages of one property in a server process, and how far its stream has been read for them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from pms.events.selectors import Head

from .batches import Topics
from .fragments import Audience
from .sockets import PageSocket


@dataclass(eq=False)
class Feed:
    """One property in this process. Pages of one group show the same and are told the same."""

    property_id: uuid.UUID
    head: Head
    sockets: set[PageSocket] = field(default_factory=set)
    groups: dict[tuple[Audience, Topics], set[PageSocket]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def add(self, socket: PageSocket) -> None:
        """Let `socket` follow, among those that are told the same."""
        self.sockets.add(socket)
        self.groups.setdefault((socket.audience, socket.topics), set()).add(socket)

    def discard(self, socket: PageSocket) -> None:
        """Forget `socket`."""
        self.sockets.discard(socket)
        alike = (socket.audience, socket.topics)
        self.groups.get(alike, set()).discard(socket)
        if not self.groups.get(alike):
            self.groups.pop(alike, None)

    def wanted(self) -> dict[Audience, Topics]:
        """Return what each audience among the pages subscribed to, taken together."""
        wanted: dict[Audience, Topics] = {}
        for audience, topics in self.groups:
            wanted[audience] = wanted.get(audience, frozenset()) | topics
        return wanted

    def turn(self, socket: PageSocket, audience: Audience) -> None:
        """Count `socket` to another audience from now on, unless it has left."""
        if socket in self.sockets:
            self.discard(socket)
            socket.audience = audience
            self.add(socket)
