"""Fragments: one named template partial and one read function, used by the page, the htmx answer and the push.

So the three cannot drift. The root element of a fragment carries `id="<name>-<pk>"` and `data-seq`, the property's
head read *before* the rows were read: a piece with a lower number never replaces a higher one (architecture.md 4).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from pms.core.models import Row
from pms.events.base import Event
from pms.events.recorder import telling
from pms.events.selectors import stream_head
from pms.events.watch import touching

from .looks import read_once

# Keys are those of the rows: mostly UUIDs, numbers for entries of logs.
Rows = Callable[[Sequence[Any], "Audience"], Mapping[Any, Any]]
# Which of these rows belong to the list that an address with this query shows.
Among = Callable[[Sequence[Any], "Audience", str], Collection[Any]]
# Which pieces show the events with these numbers of the stream.
OfEvents = Callable[[Sequence[int], "Audience"], Collection[int]]
HIGHEST = 2**128 - 1
# In one look it is read before any row is: no piece claims a number that its rows may lack.
_head = read_once(stream_head)


def newest_first(key: int | uuid.UUID) -> str:
    """Return the place of an entry of a log by its number or its key (UUIDv7): the newer, the earlier in the list."""
    return f"{HIGHEST - int(key):032x}"


def at_place(place: str) -> uuid.UUID:
    """Return the key that stands at a place of `newest_first`. Raises ValueError for a text that is none."""
    return uuid.UUID(int=HIGHEST - int(place, 16))


@dataclass(frozen=True, slots=True)
class Audience:
    """People who see the same: of one property, with the same rights and language. The zone is the property's."""

    property_id: uuid.UUID
    rights: frozenset[str]
    locale: str = "en"

    @property
    def can(self) -> Can:
        """Return the rights in the form templates ask: `{% if can.room_mark %}`."""
        return Can(self.rights)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something with this key changed; nothing else is told."""

    pk: uuid.UUID


def marks(pks: Sequence[uuid.UUID], _audience: Audience) -> Mapping[uuid.UUID, Mark]:
    """Return a mark for each key, also for rows that are gone: pages that hear it read a region anew."""
    return {pk: Mark(pk) for pk in pks}


class Can:
    """Rights as a template reads them."""

    def __init__(self, rights: frozenset[str]) -> None:
        self.rights = rights

    def __getitem__(self, code: str) -> bool:
        return code in self.rights

    def __contains__(self, code: object) -> bool:
        return code in self.rights


@dataclass(frozen=True)
class Fragment:
    """A piece of a page that stays fresh.

    `rows(pks, audience)` is a selector: pk → what the template shows; a pk that is gone, or not for this audience,
    is left out. `template` names the partial (`"housekeeping/my_rooms.html#room-card"`), `right` the right to see it.
    `among` tells which of some rows belong to a list that is filtered by its address (docs/live.md, "Lists").
    One with `everywhere` stands in the frame of every page, once, for the property itself.
    `key` reads a key from a topic. One with `of_events` shows what happened, event by event or several as one piece.
    """

    name: str
    template: str
    right: str
    rows: Rows
    everywhere: bool = False
    among: Among | None = None
    key: Callable[[str], Any] = uuid.UUID
    of_events: OfEvents | None = None

    def __post_init__(self) -> None:
        if self.name in _fragments:
            raise ValueError(f"There is already a fragment {self.name!r}.")
        _fragments[self.name] = self
        if self.everywhere:
            _frame.append(self)

    def dom_id(self, pk: object) -> str:
        """Return the id of the root element of the piece for `pk`."""
        return f"{self.name.replace('_', '-')}-{pk}"

    def topic(self, pk: object) -> str:
        """Return the name under which the stream says that the piece for `pk` changed."""
        return f"{self.name}:{pk}"

    def list_topic(self, query: str) -> str:
        """Return the topic of the list that an address with `query` (URL-encoded) shows."""
        return f"{self.name}?{query}"

    def members(self, pks: Sequence[Any], audience: Audience, query: str) -> Collection[Any]:
        """Return which of `pks` belong to the list asked for by `query`; read anew, whatever the page believes."""
        if self.among is None:
            return pks
        with in_the_house_of(audience):
            return self.among(pks, audience, query)

    def render(self, pk: Any, audience: Audience) -> str:
        """Return the piece for `pk` as this audience sees it now; empty if it is gone or not for them."""
        return self.render_many([pk], audience)[pk]

    def render_many(self, pks: Sequence[Any], audience: Audience) -> dict[Any, str]:
        """Return the pieces of several rows with one read."""
        if self.right not in audience.rights:
            return dict.fromkeys(pks, "")
        seq = _head(audience.property_id).seq  # before the rows are read
        with in_the_house_of(audience):
            rows = self.rows(pks, audience)
            return {pk: self.draw(rows[pk], seq=seq, audience=audience) if pk in rows else "" for pk in pks}

    def draw(self, row: Any, *, seq: int, audience: Audience) -> str:
        """Return the piece for a row that was read already; the page's `{% live %}` tag comes through here too."""
        context = {"row": row, "seq": seq, "can": audience.can, "audience": audience}
        return render_to_string(self.template, context).strip()

    def shows(self, model: type[Row], pks: Callable[[Any], Iterable[object]] = lambda row: [row.pk]) -> None:
        """Say that a changed row of `model` changes these pieces; for rows moved from one piece to another both."""
        touching(model, lambda row: [self.topic(pk) for pk in pks(row) if pk is not None])

    def shows_event(self, event: type[Event], pks: Callable[[Any], Iterable[object]]) -> None:
        """Say that an event changes these pieces: for feeds, and for rows that are not watched one by one."""
        telling(event, lambda happened: [self.topic(pk) for pk in pks(happened) if pk is not None])


_fragments: dict[str, Fragment] = {}
_frame: list[Fragment] = []  # those that stand everywhere


def fragment_of(topic: str) -> Fragment | None:
    """Return the fragment that a topic is about: all of it, one piece (`name:pk`), or a list (`name?query`)."""
    return _fragments.get(topic.partition(":")[0].partition("?")[0])


def fragment_named(name: str) -> Fragment | None:
    """Return the fragment `name`, if there is one."""
    return _fragments.get(name)


def all_fragments() -> list[Fragment]:
    """Return every fragment of the house, by name."""
    return sorted(_fragments.values(), key=lambda fragment: fragment.name)


def frame_fragments() -> Sequence[Fragment]:
    """Return the fragments that stand in the frame of every page."""
    return _frame


class in_the_house_of:  # noqa: N801 - reads as a phrase: with in_the_house_of(audience):
    """Render inside the block in the audience's language and the property's time zone."""

    def __init__(self, audience: Audience) -> None:
        self.language = translation.override(audience.locale)
        self.zone = timezone.override(zone_of(audience.property_id))

    def __enter__(self) -> None:
        self.language.__enter__()
        self.zone.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.zone.__exit__(*error)
        self.language.__exit__(*error)


@read_once
def zone_of(property_id: uuid.UUID) -> ZoneInfo:
    """Return the time zone of the property."""
    tenant = apps.get_model(settings.TENANT_MODEL)
    return ZoneInfo(tenant._default_manager.values_list("time_zone", flat=True).get(pk=property_id))
