"""What the pieces of the rooms page show, read for many rooms at once.

Upper apps put facts on a room's card (next arrival, cleaning task) through the slot "room_card": an entry's provider is
called with `(pks, audience)` and returns room id → what its template draws as `facts`; its `right` hides it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pms.core import slots
from pms.live.fragments import Audience
from pms.live.looks import read_once

from .models import Floor, Room
from .permissions import right_to_mark
from .selectors import conditions_counted, rooms_of

SLOT = "room_card"
# What a pair of hands does next most often: drawn as the main act of the card.
NEXT = {
    Room.Condition.DIRTY: Room.Condition.CLEAN,
    Room.Condition.TOUCH_UP: Room.Condition.CLEAN,
    Room.Condition.CLEAN: Room.Condition.INSPECTED,
}
ORDER = (Room.Condition.CLEAN, Room.Condition.INSPECTED, Room.Condition.TOUCH_UP, Room.Condition.DIRTY)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing the viewer may mark the room as."""

    condition: str
    main: bool


@dataclass(frozen=True, slots=True)
class Extra:
    """What an upper app adds to a card: `template` draws `facts`."""

    template: str
    facts: Any


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room as its card shows it to one audience."""

    pk: uuid.UUID
    hotel_code: str
    number: str
    floor: str  # with its building, where the hotel has several
    place: str  # rooms of one floor share it, and it sorts the floors
    type_name: str
    condition: str
    occupancy: str
    version: int
    marks: Sequence[Mark]
    extras: Sequence[Extra]

    @property
    def occupied(self) -> bool:
        """Tell whether somebody sleeps here."""
        return self.occupancy == Room.Occupancy.OCCUPIED


@dataclass(frozen=True, slots=True)
class Count:
    """How many rooms are in one condition."""

    condition: str
    rooms: int
    start: int  # how many stand before, for the bar


@dataclass(frozen=True, slots=True)
class RoomCounts:
    """How many rooms are in which condition, worst first."""

    pk: uuid.UUID
    total: int
    counts: Sequence[Count]


def room_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomCard]:
    """Return the cards of these rooms in house order; archived rooms and rooms of other hotels are left out."""
    found = _in_house_order(audience.property_id, tuple(pks))
    extras = _extras([room.pk for room in found], audience)
    return {room.pk: _card(room, audience, extras.get(room.pk, ())) for room in found}


@read_once
def _in_house_order(property_id: uuid.UUID, pks: Sequence[uuid.UUID]) -> list[Room]:
    found = rooms_of(property_id).filter(pk__in=pks).select_related("room_type", "property", "on_floor__building")
    return sorted(found, key=lambda room: (place_of_floor(room.on_floor), room.sort_key))


def room_counts(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomCounts]:
    """Return the counts of the audience's hotel: there is one piece of them, named by the hotel."""
    if audience.property_id not in pks:
        return {}
    counted = conditions_counted(audience.property_id)
    worst_first = (Room.Condition.DIRTY, Room.Condition.TOUCH_UP, Room.Condition.CLEAN, Room.Condition.INSPECTED)
    rooms = [counted[condition.value] for condition in worst_first]
    counts = [Count(condition.value, rooms[place], sum(rooms[:place])) for place, condition in enumerate(worst_first)]
    return {audience.property_id: RoomCounts(audience.property_id, counted.total(), counts)}


def place_of_floor(floor: Floor | None) -> str:
    """Return where the rooms of a floor stand on pages: by building, then by floor; rooms without one come last."""
    if floor is None:
        return "~"
    building = f"{floor.building.order:05} {floor.building.name}" if floor.building else ""
    return f"{building}/{floor.order:05} {floor.name}"


def _floor_words(room: Room) -> str:
    if room.on_floor is None or room.on_floor.building is None:
        return room.floor
    return f"{room.on_floor.building.name} · {room.floor}"


def _card(room: Room, audience: Audience, extras: Sequence[Extra]) -> RoomCard:
    marks = [
        Mark(condition.value, main=NEXT.get(Room.Condition(room.condition)) == condition)
        for condition in ORDER
        if condition != room.condition and right_to_mark(condition) in audience.rights
    ]
    return RoomCard(
        pk=room.pk,
        hotel_code=room.property.code,
        number=room.number,
        floor=_floor_words(room),
        place=place_of_floor(room.on_floor),
        type_name=room.room_type.name,
        condition=room.condition,
        occupancy=room.occupancy,
        version=room.version,
        marks=sorted(marks, key=lambda mark: not mark.main),
        extras=extras,
    )


def _extras(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, list[Extra]]:
    extras: dict[uuid.UUID, list[Extra]] = {}
    for entry in slots.entries(SLOT, rights=audience.rights):
        for pk, facts in entry.provider(pks, audience).items():
            extras.setdefault(pk, []).append(Extra(entry.template, facts))
    return extras
