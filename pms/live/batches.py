"""Reads what is new in a property's stream and draws the pieces it touches: the hub's work in its own threads."""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from pms.accounts.models import User
from pms.accounts.selectors import SignIn, sessions_alive
from pms.events.selectors import Head, events_after, oldest_seq, stream_head, stream_heads

from .fragments import Audience, fragment_named

# Beyond this many events a page is better off reading itself anew.
MOST_EVENTS = 500

Topics = frozenset[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawn piece: `html` is empty when the row is gone for this audience."""

    topic: str
    dom_id: str
    html: str


@dataclass(slots=True)
class Batch:
    """What is new after a number: the head it reaches, and the pieces for each audience.

    `too_far` says that the events asked for are pruned, too many, or of another epoch: read everything anew.
    """

    head: Head
    too_far: bool = False
    pieces: dict[Audience, list[Piece]] = field(default_factory=dict)


def read(property_id: uuid.UUID, *, after: int, epoch: str, wanted: Mapping[Audience, Topics]) -> Batch:
    """Return what happened at the property after number `after` of `epoch`, drawn for each audience that wants it."""
    try:
        head = stream_head(property_id)
        if head.seq == after and head.epoch == epoch:
            return Batch(head)
        events = events_after(property_id, after, limit=MOST_EVENTS + 1)
        if _too_far(property_id, after, epoch, head, len(events)):
            return Batch(head, too_far=True)
        if events:
            head = Head(events[-1].seq or head.seq, head.epoch, since=events[0].occurred_at)
        touched = list(dict.fromkeys(topic for event in events for topic in event.touches))
        return Batch(head, pieces={audience: draw(touched, audience, topics) for audience, topics in wanted.items()})
    finally:
        connection.close()  # back into the pool: these threads live as long as the process


def _too_far(property_id: uuid.UUID, after: int, epoch: str, head: Head, found: int) -> bool:
    if found > MOST_EVENTS or after > head.seq:
        return True
    if epoch and head.epoch != epoch:
        return True
    oldest = oldest_seq(property_id)
    return oldest is not None and after + 1 < oldest


def shows(topics: Topics, topic: str) -> bool:
    """Tell whether a page that subscribed to `topics` shows the piece: it alone, or all of its kind."""
    return topic in topics or topic.partition(":")[0] in topics


def draw(touched: Iterable[str], audience: Audience, topics: Topics) -> list[Piece]:
    """Return the touched pieces that this audience subscribed to, each drawn once."""
    by_fragment: dict[str, list[uuid.UUID]] = {}
    for topic in touched:
        name, _, pk = topic.partition(":")
        if shows(topics, topic):
            by_fragment.setdefault(name, []).append(uuid.UUID(pk))
    pieces = []
    for name, pks in by_fragment.items():
        fragment = fragment_named(name)
        if fragment is None or fragment.right not in audience.rights:
            continue
        drawn = fragment.render_many(pks, audience)
        pieces += [Piece(fragment.topic(pk), fragment.dom_id(pk), drawn[pk]) for pk in pks]
    return pieces


@dataclass(frozen=True, slots=True)
class Pulse:
    """One look at all properties and people a process serves: heads, permission epochs (None = shut out), sessions.

    `ended` are the sign-ins that are none any more; `next_end` is when the first of the others runs out (POSIX
    seconds, infinite without any).
    """

    heads: Mapping[uuid.UUID, Head]
    epochs: Mapping[uuid.UUID, int | None]
    ended: frozenset[SignIn]
    next_end: float


def pulse(property_ids: list[uuid.UUID], sign_ins: Collection[SignIn]) -> Pulse:
    """Read the heads of all properties in one query, all people in another, and all their sessions in a third."""
    try:
        user_ids = {sign_in.user_id for sign_in in sign_ins}
        people = User.objects.filter(pk__in=user_ids, is_active=True).only("permission_epoch", "password")
        known = {user.pk: user for user in people}
        epochs = {pk: known[pk].permission_epoch if pk in known else None for pk in user_ids}
        hashes = {pk: user.get_session_auth_hash() for pk, user in known.items()}
        alive = sessions_alive({sign_in.session_key for sign_in in sign_ins})
        ended = frozenset(
            sign_in
            for sign_in in sign_ins
            # Who is shut out has no hash here: her epoch says so.
            if sign_in.session_key not in alive or hashes.get(sign_in.user_id, sign_in.auth_hash) != sign_in.auth_hash
        )
        next_end = min((moment.timestamp() for moment in alive.values()), default=math.inf)
        return Pulse(stream_heads(property_ids), epochs, ended, next_end)
    finally:
        connection.close()
