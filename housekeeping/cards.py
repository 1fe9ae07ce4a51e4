"""What the pieces of "My rooms" show, read for many rooms at once, and the order in which hands take them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pms.live.fragments import Audience
from properties.cards import ORDER, Mark
from properties.models import Room
from properties.permissions import right_to_mark
from properties.selectors import conditions_counted
from reservations.rules import is_ready
from reservations.selectors.people import guests_named

from .selectors import RoomFacts, floors_of, room_facts, rooms_at_work

Condition = Room.Condition
NOTHING = RoomFacts()
# Places in the working order; the three groups of the page are ranges of them.
TURNOVER, DIRTY, TOUCH_UP, INSPECT, READY = range(5)
GROUPS = {"todo": (TURNOVER, DIRTY, TOUCH_UP), "inspect": (INSPECT,), "ready": (READY,)}


@dataclass(frozen=True, slots=True)
class MyRoom:
    """A room as the person who cleans it sees it."""

    pk: uuid.UUID
    hotel_code: str
    number: str
    floor: str
    type_name: str
    condition: str
    occupied: bool
    version: int
    facts: RoomFacts
    marks: Sequence[Mark]
    rank: int
    place: str

    @property
    def group(self) -> str:
        """Return the part of the page the room stands in."""
        return next(name for name, ranks in GROUPS.items() if self.rank in ranks)


@dataclass(frozen=True, slots=True)
class RoomsDone:
    """How far the house is."""

    pk: uuid.UUID
    done: int
    total: int

    @property
    def left(self) -> int:
        """Return how many rooms wait for hands."""
        return self.total - self.done


def facts_on_card(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomFacts]:
    """Return what we add to the cards of the rooms board (slot "room_card")."""
    return room_facts(pks, audience.property_id, names=guests_named(audience.rights))


def my_room_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, MyRoom]:
    """Return the cards of these rooms; archived rooms and rooms of other hotels are left out."""
    return _cards(rooms_at_work(audience.property_id, pks=pks), audience)


def all_my_rooms(audience: Audience) -> list[MyRoom]:
    """Return the cards of the whole house in working order."""
    return sorted(_cards(rooms_at_work(audience.property_id), audience).values(), key=lambda card: card.place)


def rooms_done(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomsDone]:
    """Return how far the audience's hotel is: one piece, named by the hotel."""
    if audience.property_id not in pks:
        return {}
    counted = conditions_counted(audience.property_id)
    done = counted[Condition.CLEAN.value] + counted[Condition.INSPECTED.value]
    return {audience.property_id: RoomsDone(audience.property_id, done, counted.total())}


@dataclass(frozen=True, slots=True)
class Floors:
    """The floors there are to choose from, in house order."""

    pk: uuid.UUID
    floors: Sequence[str]

    @property
    def place(self) -> str:
        """Return what differs when there are others to choose from."""
        return " ".join([*self.floors, "."]) if self.floors else ""


def floors_told(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Floors]:
    """Return the floors of the audience's hotel: one piece, named by the hotel."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: Floors(audience.property_id, floors_of(audience.property_id))}


def _cards(rooms: Iterable[Room], audience: Audience) -> dict[uuid.UUID, MyRoom]:
    found = list(rooms)
    facts: Mapping[uuid.UUID, RoomFacts] = facts_on_card([room.pk for room in found], audience)
    return {room.pk: _card(room, facts.get(room.pk, NOTHING), audience) for room in found}


def _card(room: Room, facts: RoomFacts, audience: Audience) -> MyRoom:
    rank = _rank(room, facts)
    return MyRoom(
        pk=room.pk,
        hotel_code=room.property.code,
        number=room.number,
        floor=room.floor,
        type_name=room.room_type.name,
        condition=room.condition,
        occupied=room.occupancy == Room.Occupancy.OCCUPIED,
        version=room.version,
        facts=facts,
        marks=_marks(room, rank, audience),
        rank=rank,
        place=f"{rank}/{room.sort_key}",
    )


def _rank(room: Room, facts: RoomFacts) -> int:
    """Return where the room stands in the working order: what the next guest waits for comes first."""
    if room.condition == Condition.DIRTY:
        return TURNOVER if facts.comes or facts.leaves else DIRTY
    if room.condition == Condition.TOUCH_UP:
        return TOUCH_UP
    return READY if is_ready(room) else INSPECT


def _marks(room: Room, rank: int, audience: Audience) -> list[Mark]:
    """Return what the viewer may mark the room as, the next act first; a ready room asks for nothing."""
    following = {
        TURNOVER: Condition.CLEAN,
        DIRTY: Condition.CLEAN,
        TOUCH_UP: Condition.CLEAN,
        INSPECT: Condition.INSPECTED,
    }
    marks = [
        Mark(condition.value, main=following.get(rank) == condition)
        for condition in ORDER
        if condition != room.condition and right_to_mark(condition) in audience.rights
    ]
    return sorted(marks, key=lambda mark: not mark.main)
