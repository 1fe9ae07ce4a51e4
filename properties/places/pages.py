"""What the page of the house shows: one piece of the hotel's lists, drawn anew whenever one of their rows changes."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from pms.live.fragments import Audience
from properties.models import Building, Feature, Floor, Section
from properties.selectors import hotel_by_id, room_types_of, rooms_of

from .selectors import places_of


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: what it is called, what stands behind it, how many rooms it has."""

    pk: uuid.UUID
    name: str
    note: str
    rooms: int

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the page; `kind` is its part of the address."""

    kind: str
    icon: str
    title: str
    text: str
    lines: Sequence[Line]
    archived: Sequence[Line]

    @property
    def add(self) -> str:
        """Return the name of the page that adds a row."""
        return f"properties:add_{self._one}"

    @property
    def change(self) -> str:
        """Return the name of the page of one row."""
        return f"properties:change_{self._one}"

    @property
    def _one(self) -> str:
        return self.kind.removesuffix("s").replace("-", "_")


@dataclass(frozen=True, slots=True)
class House:
    """The lists of one hotel."""

    pk: uuid.UUID
    code: str
    lists: Sequence[Listing]


def houses(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, House]:
    """Return the lists of the audience's hotel: there is one piece of them, named by the hotel."""
    pk = audience.property_id
    if pk not in pks:
        return {}
    rooms = list(rooms_of(pk))
    floors, features = list(places_of(Floor, pk, archived_too=True)), list(places_of(Feature, pk, archived_too=True))
    types = list(room_types_of(pk, archived_too=True))
    having = Counter(code for room in rooms for code in room.features)
    having.update(code for kind in types if not kind.archived_at for code in kind.features)
    lists = (
        _listing("room-types", types, Counter(room.room_type_id for room in rooms), note=_capacity),
        _listing("buildings", places_of(Building, pk, archived_too=True), _rooms_by_building(rooms, floors)),
        _listing("floors", floors, Counter(room.on_floor_id for room in rooms), note=_building),
        _listing("sections", places_of(Section, pk, archived_too=True), Counter(room.section_id for room in rooms)),
        _listing("features", features, Counter({row.pk: having[row.code] for row in features})),
    )
    return {pk: House(pk, hotel_by_id(pk).code, lists)}


def _words(kind: str) -> tuple[str, str, str]:
    return {
        "room-types": ("bed-double", _("Room types"), _("What you sell: who fits in and what it has.")),
        "buildings": ("building", _("Buildings"), _("Only if the hotel has more than one house.")),
        "floors": ("layers", _("Floors"), _("Rooms, housekeeping and the room plan are grouped by them.")),
        "sections": ("brush-cleaning", _("Sections"), _("Rooms that one pair of hands cleans together.")),
        "features": ("sparkles", _("Features"), _("Balcony, sea view, accessible: on types and on single rooms.")),
    }[kind]


def _listing(kind: str, rows: Any, rooms: Counter[Any], *, note: Any = lambda row: "") -> Listing:
    icon, title, text = _words(kind)
    lines: dict[bool, list[Line]] = {False: [], True: []}
    for row in rows:
        lines[row.archived_at is not None].append(Line(row.pk, row.name, note(row), rooms[row.pk]))
    return Listing(kind, icon, title, text, lines[False], archived=lines[True])


def _rooms_by_building(rooms: Any, floors: Any) -> Counter[Any]:
    of_floor = {floor.pk: floor.building_id for floor in floors}
    return Counter(of_floor.get(room.on_floor_id) for room in rooms)


def _building(floor: Floor) -> str:
    return floor.building.name if floor.building else ""


def _capacity(kind: Any) -> str:
    return f"{kind.code} · {kind.max_adults} + {kind.max_children}"
