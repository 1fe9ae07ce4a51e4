"""The hub: one per server process, holding one Redis subscription per property it has open pages of.

A hint "look at property p" costs one read and one drawing per audience, then the same bytes go to every socket
(docs/adr/0002-three-kinds-of-news.md; one layer message per socket is 10 to 240 times slower). Hints may be lost: the
heartbeat compares heads and finds what was missed.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import structlog
from django.db import Error as DatabaseError

from pms.accounts.models import User
from pms.accounts.selectors import SignIn
from pms.core.metrics import BATCHES, FAN_OUT, SOCKETS
from pms.events.bell import PAUSE_AFTER_FAILURE, property_channel, user_channel

from . import batches
from .batches import Batch, Pulse, Topics
from .ear import Ear
from .feeds import Feed
from .fragments import Audience
from .pages import audience_of
from .presence import HINT as SOMEBODY_MOVED
from .presence import Presence
from .sockets import Close, PageSocket, news_text

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

HEARTBEAT = 3.0
# The heart beats early for a session that runs out, but not for each of many.
SHORTEST_PAUSE = 0.5
# The first of a burst is drawn at once, the rest (a night audit touches every room) together.
GATHER = 0.02
DRAWING_THREADS = 2
# What a page asks for anew after a break, as static/js/live.js; a thousand pages do not ask in one moment.
MISSED_HINT = "bell"
BETWEEN_REMINDERS = 0.005
# What the return of one page may take of this process; when all are cut at once they spread over their sum (seconds).
A_RETURN = 0.025


class Hub:
    """Keeps the open pages of this process fresh. Lives on one event loop and starts with its first socket."""

    def __init__(self) -> None:
        self.feeds: dict[uuid.UUID, Feed] = {}
        self.people: dict[uuid.UUID, set[PageSocket]] = {}
        self.pool = ThreadPoolExecutor(DRAWING_THREADS, thread_name_prefix="hub")
        self.ear = Ear(self._heard, self._back)
        self.presence = Presence(self._pages_of, lambda: self.feeds, self._in_pool)
        self.tasks: list[asyncio.Task[None]] = []
        self.reminder: asyncio.Task[None] | None = None
        self.next_end = math.inf
        self._opening: dict[uuid.UUID, asyncio.Lock] = {}
        self._readings: dict[tuple[int, str, Audience, Topics], asyncio.Future[Batch]] = {}

    # --- sockets come and go ---------------------------------------------------------------------------------------

    async def attach(self, socket: PageSocket, *, seq: int, epoch: str) -> None:
        """Let `socket` follow its property from number `seq` of `epoch` on: first subscribe, then catch up."""
        self._start()
        feed = await self._feed(socket.property_id)
        feed.add(socket)
        SOCKETS.inc()
        self.people.setdefault(socket.user_id, set()).add(socket)
        try:
            await self.ear.subscribe(user_channel(socket.user_id))
            socket.seq = feed.head.seq
            await self._catch_up(feed, socket, seq=seq, epoch=epoch)
        except BaseException:
            # Nobody else forgets it: a consumer that ends by an error is not told of its disconnection.
            await self.detach(socket)
            raise
        self.presence.changed(socket)

    async def detach(self, socket: PageSocket) -> None:
        """Forget `socket`; the last one of a property or person ends the subscription."""
        others = self.people.get(socket.user_id, set())
        others.discard(socket)
        if not others and self.people.pop(socket.user_id, None) is not None:
            await self.ear.unsubscribe(user_channel(socket.user_id))
        feed = self.feeds.get(socket.property_id)
        if feed is None:
            return
        if socket in feed.sockets:
            feed.discard(socket)
            SOCKETS.dec()
            self.presence.left(socket)
        if not feed.sockets:
            self.feeds.pop(feed.property_id, None)
            if feed.task:
                feed.task.cancel()
            await self.ear.unsubscribe(property_channel(feed.property_id))

    def _pages_of(self, property_id: uuid.UUID) -> Iterable[PageSocket]:
        feed = self.feeds.get(property_id)
        return list(feed.sockets) if feed else ()

    async def _feed(self, property_id: uuid.UUID) -> Feed:
        async with self._opening.setdefault(property_id, asyncio.Lock()):
            if property_id not in self.feeds:
                # Subscribed before the head is read: news in between is then either in the head or hinted at.
                await self.ear.subscribe(property_channel(property_id))
                look = await self._in_pool(batches.pulse, [property_id], ())
                feed = Feed(property_id, look.heads[property_id])
                feed.task = asyncio.create_task(self._follow(feed))
                self.feeds[property_id] = feed
            return self.feeds[property_id]

    async def _catch_up(self, feed: Feed, socket: PageSocket, *, seq: int, epoch: str) -> None:
        # A page that stands where the feed stands missed nothing; what comes now reaches it with all others.
        at_head = (seq, epoch) == (feed.head.seq, feed.head.epoch)
        batch = Batch(feed.head) if at_head else await self._missed(feed, socket, seq=seq, epoch=epoch)
        if batch.too_far:
            socket.catching_up = False
            socket.put({"t": "welcome", "epoch": batch.head.epoch})
            socket.seq = max(socket.seq, batch.head.seq)
            socket.resync()
            return
        socket.put({"t": "welcome", "epoch": batch.head.epoch})
        for piece in batch.for_page(socket.audience, socket.topics):
            socket.put_text(news_text([piece], batch.head.seq, partial=True))
        # Until here the page was told no number: had the line broken, it would have asked for all of this again.
        socket.catching_up = False
        reached = max(socket.seq, batch.head.seq)
        socket.put_news(news_text([], reached), reached)

    async def _missed(self, feed: Feed, socket: PageSocket, *, seq: int, epoch: str) -> Batch:
        """Return what the page missed. Pages that come back together and missed the same share one reading."""
        joined_at, read = socket.seq, partial(
            self._in_pool, batches.read, feed.property_id, after=seq, epoch=epoch,
            wanted={socket.audience: socket.topics},
        )  # fmt: skip
        key = (seq, epoch, socket.audience, socket.topics)
        if key not in self._readings:
            reading = self._readings[key] = asyncio.ensure_future(read())
            reading.add_done_callback(lambda _done: self._readings.pop(key, None))
        # Shielded: the page that asked first may leave, the others wait on.
        batch: Batch = await asyncio.shield(self._readings[key])
        # Begun before this page joined, it may end before what the page hears begins.
        return batch if batch.head.seq >= joined_at else await read()

    # --- news ------------------------------------------------------------------------------------------------------

    async def _follow(self, feed: Feed) -> None:
        while True:
            await feed.news.wait()
            feed.news.clear()
            try:
                await self._advance(feed)
            except (DatabaseError, OSError) as error:
                log.warning("hub.read_failed", property=str(feed.property_id), error=str(error))
                await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - jitter; the heartbeat asks again
            except Exception:
                # A broken fragment must not end the feed of a whole hotel.
                log.exception("hub.advance_failed", property=str(feed.property_id))
                self._resync_all(feed)
            await asyncio.sleep(GATHER)

    async def _advance(self, feed: Feed) -> None:
        batch: Batch = await self._in_pool(
            batches.read, feed.property_id, after=feed.head.seq, epoch=feed.head.epoch, wanted=feed.wanted()
        )
        known, feed.head = feed.head, batch.head
        if batch.too_far:
            self._resync_all(feed)
            return
        if batch.head.seq == known.seq:
            return
        self._hand_out(feed, batch)

    def _hand_out(self, feed: Feed, batch: Batch) -> None:
        """Give every page its pieces. Pages that show the same share one text; who shows none of them hears nothing."""
        for (audience, topics), sockets in list(feed.groups.items()):
            if not batch.covers(audience, topics):
                for socket in sockets:
                    socket.resync()  # joined, or changed its rights, while the pieces were drawn
                continue
            mine = batch.for_page(audience, topics)
            # A page that catches up is not there yet, whatever else it hears.
            whole, part = (
                news_text(mine, batch.head.seq, partial=partial) if mine else "" for partial in (False, True)
            )
            for socket in sockets:
                socket.put_news(part if socket.catching_up else whole, batch.head.seq)
        BATCHES.inc()
        if batch.head.since:
            FAN_OUT.observe(max(0.0, time.time() - batch.head.since.timestamp()))

    def _resync_all(self, feed: Feed) -> None:
        for socket in feed.sockets:
            socket.seq = feed.head.seq
            socket.put({"t": "welcome", "epoch": feed.head.epoch})
            socket.resync()

    # --- rights ----------------------------------------------------------------------------------------------------

    async def _hint(self, user_id: uuid.UUID, hint: str) -> None:
        if hint == "rights":
            await self._check_rights(user_id)
        elif hint == "sessions":
            look = await self._in_pool(batches.pulse, [], self._sign_ins([user_id]))
            await self._expel_ended(look)
            if look.epochs.get(user_id) is None:
                await self._check_rights(user_id)  # shut out: her pages at every hotel
        else:
            for socket in list(self.people.get(user_id, ())):
                socket.put({"t": "hint", "hint": hint})

    async def _check_rights(self, user_id: uuid.UUID) -> None:
        read: dict[tuple[uuid.UUID, Any], tuple[User | None, Audience]] = {}  # once for all her pages of a hotel
        for socket in list(self.people.get(user_id, ())):
            whose = (socket.property_id, socket.narrowing)
            if whose not in read:
                read[whose] = await self._in_pool(_rights_now, user_id, *whose)
            user, audience = read[whose]
            if user is None or not audience.rights:
                await self.expel(socket, Close.RIGHTS)
            elif audience != socket.audience or user.permission_epoch != socket.permission_epoch:
                socket.permission_epoch = user.permission_epoch
                if (feed := self.feeds.get(socket.property_id)) is not None:
                    feed.turn(socket, audience)
                socket.put({"t": "rights", "seq": socket.seq})
                self.presence.look(socket.property_id)

    def _sign_ins(self, user_ids: Iterable[uuid.UUID]) -> set[SignIn]:
        return {socket.sign_in for user_id in user_ids for socket in self.people.get(user_id, ())}

    async def _expel_ended(self, look: Pulse) -> None:
        """Close the pages whose session is no more; the person's pages in other browsers stay open."""
        for user_id in {sign_in.user_id for sign_in in look.ended}:
            for socket in list(self.people.get(user_id, ())):
                if socket.sign_in in look.ended:
                    await self.expel(socket, Close.SIGNED_OUT)

    async def expel(self, socket: PageSocket, code: int) -> None:
        """Close the page of somebody who may no longer see anything here; nothing more is sent to it."""
        await self.detach(socket)
        await socket.close(code)

    # --- the heartbeat ---------------------------------------------------------------------------------------------

    async def _beat(self) -> None:
        while True:
            left, self.next_end = self.next_end - time.time(), math.inf
            await asyncio.sleep(min(HEARTBEAT, max(left, SHORTEST_PAUSE)))
            seen = await self._try_to_look_around()
            spread = A_RETURN * sum(len(feed.sockets) for feed in self.feeds.values())
            for feed in list(self.feeds.values()):
                for socket in list(feed.sockets):
                    if socket.is_silent() or socket.is_old():
                        await self.expel(socket, Close.OLD if socket.is_old() else Close.DEAD)
                    elif seen:
                        socket.beat(spread)
                    else:
                        socket.put({"t": "away"})

    async def _try_to_look_around(self) -> bool:
        """Look around and tell whether that worked; one failed look must not stop the heart."""
        try:
            await self._look_around()
        except (DatabaseError, OSError) as error:
            log.warning("hub.pulse_failed", error=str(error))
        except Exception:
            # Whatever it was, the next beat looks again: a heart that stops leaves every page believing it is live.
            log.exception("hub.pulse_failed")
        else:
            return True
        return False

    async def _look_around(self) -> None:
        look = await self._in_pool(batches.pulse, list(self.feeds), self._sign_ins(self.people))
        self.next_end = look.next_end
        await self._expel_ended(look)
        for property_id, head in look.heads.items():
            feed = self.feeds.get(property_id)
            if feed is not None and head != feed.head:
                feed.news.set()
        for user_id, epoch in look.epochs.items():
            if any(socket.permission_epoch != epoch for socket in self.people.get(user_id, ())):
                await self._check_rights(user_id)

    # --- Redis -----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if not self.tasks:
            self.tasks = [
                asyncio.create_task(self.ear.listen_forever()),
                asyncio.create_task(self._beat()),
                asyncio.create_task(self.presence.keep()),
            ]

    def _back(self, missed: bool) -> None:  # noqa: FBT001 - the ear's own call
        for feed in self.feeds.values():
            feed.news.set()  # whatever was hinted at while nobody listened
        if missed:
            self._remind()

    def _remind(self) -> None:
        """Let all pages ask for what personal hints told of while Redis was away: no stream keeps those."""
        if self.reminder:
            self.reminder.cancel()
        self.reminder = asyncio.create_task(self._hint_everybody())

    async def _hint_everybody(self) -> None:
        # Processes that met the dead Redis leave it alone for a while yet: what they do not say is missed too.
        await asyncio.sleep(PAUSE_AFTER_FAILURE + 1.0)
        for socket in [socket for sockets in self.people.values() for socket in sockets]:
            socket.put({"t": "hint", "hint": MISSED_HINT})
            await asyncio.sleep(BETWEEN_REMINDERS)

    async def _heard(self, kind: str, key: str, hint: str) -> None:
        if kind == "property" and hint == SOMEBODY_MOVED:
            self.presence.look(uuid.UUID(key))
        elif kind == "property":
            feed = self.feeds.get(uuid.UUID(key))
            if feed is not None:
                feed.news.set()
        elif kind == "user":
            # Apart: a slow look at somebody's rights must not hold up everybody's news.
            task = asyncio.create_task(self._hint(uuid.UUID(key), hint))
            task.add_done_callback(_log_failure)

    async def _in_pool(self, work: Callable[..., Result], *args: Any, **named: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.pool, partial(work, *args, **named))

    async def stop(self) -> None:
        """End all tasks; for tests, since a server's hub lives as long as its process."""
        tasks = [*self.tasks, *(feed.task for feed in self.feeds.values() if feed.task)]
        tasks += [self.reminder] if self.reminder else []
        while tasks:
            for task in tasks:
                task.cancel()
            # A client of Redis may take one call to end for a lost line.
            tasks = list((await asyncio.wait(tasks, timeout=1.0))[1])
        self.pool.shutdown(wait=False, cancel_futures=True)


def _rights_now(user_id: uuid.UUID, property_id: uuid.UUID, narrowing: Any) -> tuple[User | None, Audience]:
    from django.db import connection

    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is not None:
            user.narrowing = narrowing  # whoever acts in her name is held to as little as at the handshake
        return user, audience_of(user, property_id)
    finally:
        connection.close()


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("hub.hint_failed", error=str(task.exception()))


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def the_hub() -> Hub:
    """Return the hub of the running event loop, made with its first socket."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
