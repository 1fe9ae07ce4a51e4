"""The people at a hotel as one page shows them: in words and avatars, drawn once for all pages that show the same."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import translation

from .places import EDITING, LOOKING, may_be_at
from .sockets import PageSocket

# Faces that fit beside the bell, and people named above a page; the others are a number.
FACES = 4
NAMED = 2
TONES = ("violet", "green", "amber", "blue", "red", "grey")


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody, and what she does: `mode` is looking or editing; `me` is the reader, in another window."""

    name: str
    user_id: str
    mode: str = LOOKING
    me: bool = False

    @property
    def tone(self) -> str:
        """Return the colour that somebody has everywhere."""
        return TONES[zlib.crc32(self.name.encode()) % len(TONES)]

    @property
    def here(self) -> str:
        """Return the mode in the words of the avatar."""
        return "editing" if self.mode == EDITING else "yes"


@dataclass(frozen=True, slots=True)
class Group:
    """Some people, and how many more."""

    people: tuple[Person, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page shows of others: who is here, and who is at each of its own places."""

    locale: str
    here: Group
    at: tuple[tuple[str, Group], ...]


@dataclass(slots=True)
class Crowd:
    """Everybody at the hotel, sorted once for all its pages."""

    everybody: list[Person]
    ids: frozenset[str] = frozenset()
    at: dict[str, dict[str, tuple[Person, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[tuple[str, str, str, Mapping[str, str]]]) -> Crowd:
        """Return the crowd of these open pages: key, user, name, and place → mode of each."""
        people: dict[str, Person] = {}
        crowd = cls([])
        for key, user_id, name, at in lines:
            person = people.setdefault(user_id, Person(name, user_id))
            for place, mode in at.items():
                crowd.at.setdefault(place, {})[key] = (person, mode)
        crowd.everybody, crowd.ids = sorted(people.values()), frozenset(people)
        return crowd

    def seen_by(self, page: PageSocket) -> Drawing:
        """Return what this page shows: nobody at places that its reader may not see, and never the page itself."""
        places = [place for place in sorted(page.at) if may_be_at(place, page.audience)]
        groups = {place: self._at(place, page) for place in places}
        busy = {person.user_id for people in groups.values() for person in people if person.mode == EDITING}
        me = str(page.user_id)
        others = [person for person in self.everybody[: FACES + 1] if person.user_id != me][:FACES]
        here = tuple(replace(person, mode=EDITING if person.user_id in busy else LOOKING) for person in others)
        more = len(self.everybody) - (me in self.ids) - len(here)
        return Drawing(
            locale=page.audience.locale,
            here=Group(here, more),
            at=tuple((place, Group(tuple(people[:NAMED]), len(people[NAMED:]))) for place, people in groups.items()),
        )

    def _at(self, place: str, page: PageSocket) -> list[Person]:
        """Return the others at the place, who edits first; of one person the page in which she edits."""
        found: dict[str, Person] = {}
        for key, (person, mode) in self.at.get(place, {}).items():
            if key == page.key or (found.get(person.user_id, person).mode == EDITING):
                continue
            found[person.user_id] = replace(person, mode=mode, me=person.user_id == str(page.user_id))
        return sorted(found.values(), key=lambda person: (person.mode != EDITING, person))


def draw(views: Iterable[Drawing]) -> dict[Drawing, str]:
    """Return the message for each of these; a group of the same people is drawn once."""
    told = {}
    for view in views:
        at = {place: _drawn("at", group, view.locale) for place, group in view.at}
        message = {"t": "present", "here": _drawn("here", view.here, view.locale), "at": at}
        told[view] = json.dumps(message, separators=(",", ":"))
    return told


@lru_cache(maxsize=4096)
def _drawn(part: str, group: Group, locale: str) -> str:
    if not group.people:
        return ""
    with translation.override(locale):
        return render_to_string(f"components/present.html#{part}", {"group": group}).strip()
