"""Reads what is new in a property's stream and draws the pieces it touches: the hub's work in its own threads."""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db import connection

from pms.accounts.models import User
from pms.accounts.selectors import SignIn, sessions_alive
from pms.events.selectors import Head, numbers_happened, stream_head, stream_heads, touched_between

from .fragments import Audience, fragment_named, fragment_of
from .looks import one_look

# Beyond so many pieces that are to be drawn a page is better off reading itself anew: the same state, told once.
MOST_PIECES = 500

Topics = frozenset[str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawn piece: `html` is empty when the row is gone for this audience."""

    topic: str
    dom_id: str
    html: str


@dataclass(slots=True)
class Batch:
    """What is new after a number: the head it reaches, and the pieces for each audience that wanted some.

    `members` are the ids among those pieces in each filtered list (`name?query`) of an audience. `too_far` says that
    events asked for are kept no more, or of another epoch, or show on too many pieces: read everything anew.
    """

    head: Head
    too_far: bool = False
    pieces: dict[Audience, list[Piece]] = field(default_factory=dict)
    members: dict[tuple[Audience, str], frozenset[str]] = field(default_factory=dict)
    wanted: Mapping[Audience, Topics] = field(default_factory=dict)

    def covers(self, audience: Audience, topics: Topics) -> bool:
        """Tell whether it was drawn for such a page too: one that joined meanwhile may have wanted other pieces."""
        return topics <= self.wanted.get(audience, frozenset()) and audience in self.wanted

    def for_page(self, audience: Audience, topics: Topics) -> list[Piece]:
        """Return the pieces for a page of `audience` that shows `topics`.

        What changed but does not belong to the page's list is told as gone: it may have belonged to it before.
        """
        told = []
        for piece in self.pieces.get(audience, ()):
            name = piece.topic.partition(":")[0]
            lists = [topic for topic in topics if topic.startswith(f"{name}?")]
            if name in topics or piece.topic in topics:
                told.append(piece)
            elif lists:
                inside = any(piece.dom_id in self.members[audience, topic] for topic in lists)
                told.append(piece if inside else replace(piece, html=""))
        return told


def read(property_id: uuid.UUID, *, after: int, epoch: str, wanted: Mapping[Audience, Topics]) -> Batch:
    """Return what happened at the property after number `after` of `epoch`, drawn for each audience that wants it."""
    try:
        head = stream_head(property_id)
        if (head.seq == after and head.epoch == epoch) or not any(wanted.values()):
            return Batch(head, wanted=wanted)
        if after > head.seq or (epoch and head.epoch != epoch):
            return Batch(head, too_far=True)
        events, since, touched = touched_between(property_id, after, head.seq)
        touched += _happened(property_id, after, head.seq, wanted)
        shown = sum(any(shows(topics, topic) for topics in wanted.values()) for topic in touched)
        if events < head.seq - after or shown > MOST_PIECES:
            return Batch(head, too_far=True)
        batch = Batch(replace(head, since=since), wanted=wanted)
        with one_look():
            for audience, topics in wanted.items():
                batch.pieces[audience] = draw(touched, audience, topics)
                for topic in topics:
                    if "?" in topic:
                        batch.members[audience, topic] = _members(topic, touched, audience)
        return batch
    finally:
        connection.close()  # back into the pool: these threads live as long as the process


def _happened(property_id: uuid.UUID, after: int, until: int, wanted: Mapping[Audience, Topics]) -> list[str]:
    """Return the topics of pieces that show events as such, if any page wants them: named by the event's number."""
    asked = {fragment_of(topic) for topics in wanted.values() for topic in topics}
    logs = [fragment for fragment in asked if fragment is not None and fragment.of_events is not None]
    numbers = numbers_happened(property_id, after, until) if logs else []
    return [fragment.topic(number) for fragment in logs for number in numbers]


def shows(topics: Topics, topic: str) -> bool:
    """Tell whether a page that subscribed to `topics` may show the piece: it alone, all of its kind, or a list."""
    name = topic.partition(":")[0]
    return topic in topics or name in topics or any(one.startswith(f"{name}?") for one in topics)


def _members(topic: str, touched: Iterable[str], audience: Audience) -> frozenset[str]:
    fragment = fragment_of(topic)
    if fragment is None or fragment.right not in audience.rights:
        return frozenset()
    pks = [fragment.key(pk) for name, _, pk in (one.partition(":") for one in touched) if name == fragment.name]
    found = fragment.members(pks, audience, topic.partition("?")[2]) if pks else ()
    return frozenset(fragment.dom_id(pk) for pk in found)


def draw(touched: Iterable[str], audience: Audience, topics: Topics) -> list[Piece]:
    """Return the touched pieces that this audience subscribed to, each drawn once."""
    by_fragment: dict[str, list[str]] = {}
    for topic in touched:
        name, _, pk = topic.partition(":")
        if shows(topics, topic):
            by_fragment.setdefault(name, []).append(pk)
    pieces = []
    for name, keys in by_fragment.items():
        fragment = fragment_named(name)
        if fragment is None or fragment.right not in audience.rights:
            continue
        pks = [fragment.key(key) for key in keys]
        if fragment.of_events is not None:
            pks = list(fragment.of_events(pks, audience))
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
        people = User.objects.filter(pk__in=user_ids, is_active=True).only(*User.SIGN_IN_FIELDS)
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
