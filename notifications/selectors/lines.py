"""How an event becomes a sentence: the slot "activity", where every app says what its events mean.

An entry's code is the code of an event; its provider is called with `(events, audience)`, many events at once, and
returns `Happening.key` → `Line`; its right hides the event from those who may not know of it. A provider may serve many
codes: it is then called once for all of them. `quiet` is the provider of events that are no news for people.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.dateparse import parse_date

from notifications.models import Notification
from pms.accounts.models import User
from pms.core import slots
from pms.core.templatetags.ui import day
from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.models import Property, Room

SLOT = "activity"

# From an event to what it is folded by; asked with `code`, `request_id` and `payload` alone.
Fold = Callable[[StreamEvent], str]
_folds: dict[str, Fold] = {}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as sentences need it, read from the stream or from a notification that outlived it."""

    key: int
    hotel_code: str
    code: str
    object_id: uuid.UUID | None
    payload: Mapping[str, Any]
    occurred_at: dt.datetime
    actor_id: uuid.UUID | None = None
    request_id: str = ""
    via: str = ""

    @classmethod
    def of(cls, row: StreamEvent | Notification, hotel: Property) -> Happening:
        """Return what a row of the stream, or the notification that was made of one, tells."""
        key, request_id = (row.event_id, "") if isinstance(row, Notification) else (row.pk, row.request_id)
        return cls(
            key=key,
            hotel_code=hotel.code,
            code=row.code,
            object_id=row.object_id,
            payload=row.payload,
            occurred_at=row.occurred_at,
            actor_id=row.actor_id,
            request_id=request_id,
            via=row.via,
        )

    def uuid(self, name: str) -> uuid.UUID | None:
        """Return an id of the payload."""
        value = self.payload.get(name)
        return uuid.UUID(value) if value else None

    def became(self, name: str) -> Any:
        """Return the new value of a changed field, or None."""
        pair = self.payload.get("changes", {}).get(name)
        return pair[1] if pair else None

    def date(self, name: str) -> str:
        """Return a date of the payload as people write it."""
        value = self.payload.get(name)
        return day(parse_date(str(value))) if value else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence."""

    text: str
    url: str = ""
    icon: str = "info"
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with who did it and when, on the hotel's clock."""

    key: int
    line: Line
    actor: str
    moment: dt.datetime


def quiet(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Say nothing: another event tells of it, or machines alone care."""
    return {}


def say(provider: slots.Provider, *codes: str, right: str = "", fold: Fold | None = None) -> None:
    """Register one provider for several events; neighbours of one code with an equal `fold` are one line."""
    for code in codes:
        slots.register(SLOT, slots.Entry(code=code, provider=provider, right=right))
        if fold:
            _folds[code] = fold


def by_request(event: StreamEvent) -> str:
    """Fold what one request did to many rows."""
    return event.request_id


def fold_of(event: StreamEvent) -> str:
    """Return what neighbours must have in common to be one line; empty for what always has a line of its own."""
    common = _folds[event.code](event) if event.code in _folds else ""
    return common and f"{event.code}/{common}"


def codes_unsaid(rights: frozenset[str]) -> list[str]:
    """Return the codes that make no line for people with these rights."""
    return [
        entry.code
        for entry in slots.entries(SLOT)
        if entry.provider is quiet or (entry.right and entry.right not in rights)
    ]


def lines_of(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentence of each event, as many queries as there are providers; unknown codes speak for themselves."""
    known = {entry.code: entry for entry in slots.entries(SLOT)}
    by_provider: dict[slots.Provider, list[Happening]] = defaultdict(list)
    lines: dict[int, Line] = {}
    for event in events:
        entry = known.get(event.code)
        if entry is None or not entry.right or entry.right in audience.rights:
            lines[event.key] = Line(_readable(event.code))
        if entry is not None and event.key in lines:
            by_provider[entry.provider].append(event)
    for provider, own in by_provider.items():
        lines |= provider(own, audience)
    return lines


def actors_of(events: Iterable[Happening]) -> dict[uuid.UUID | None, str]:
    """Return the names of who did it, in one query."""
    ids = {event.actor_id for event in events if event.actor_id}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def room_numbers(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    """Return the numbers of rooms, in one query."""
    wanted = {pk for pk in ids if pk}
    return dict(Room.objects.filter(pk__in=wanted).values_list("pk", "number")) if wanted else {}


def named(
    events: Sequence[Happening], model: type[Model], field: str, words: Mapping[str, str], *, icon: str
) -> dict[int, Line]:
    """Return sentences that call their object by one of its fields: code → words with one `%s`, in one query."""
    found = model._default_manager.filter(pk__in=[event.object_id for event in events])
    names = dict(found.values_list("pk", field))
    return {event.key: Line(words[event.code] % names.get(event.object_id, "?"), icon=icon) for event in events}


def _readable(code: str) -> str:
    """Return "Charge posted" for "charge.posted"."""
    return code.replace(".", " ").replace("_", " ").capitalize()
