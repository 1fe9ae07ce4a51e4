"""Which room a stay could have: free ones of its type first, then others, with the consequence of each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet

from properties.models import Property, Room, RoomType
from properties.places.selectors import TypeCalendar, connected_with
from reservations.models import OutOfOrder, Reservation, RoomTypeNight

from .offers import room_types_sold
from .out_of_order import periods_in
from .rows import StayRow, stay_shown
from .stays import rooms_free

BEST_FIRST = ("inspected", "clean", "touch_up", "dirty")


@dataclass(frozen=True, slots=True)
class FreeRoom:
    """A room that nobody is planned into for the nights of the stay."""

    pk: uuid.UUID
    number: str
    condition: str
    occupied: bool
    connects: tuple[str, ...] = ()  # numbers of the rooms behind its connecting doors
    rests: OutOfOrder | None = None  # out of service in one of the nights: may be given, with a warning


@dataclass(frozen=True, slots=True)
class Kind:
    """The free rooms of one type. `left` is its stock: none left blocks an upgrade, though rooms stand empty."""

    name: str
    code: str
    booked: bool
    finer: bool
    left: int
    rooms: Sequence[FreeRoom]

    @property
    def resting(self) -> Sequence[FreeRoom]:
        """Return the rooms among them that had better not be given."""
        return [room for room in self.rooms if room.rests]

    @property
    def open(self) -> bool:
        """Tell whether the stay may take a room of this type."""
        return self.booked or self.left > 0


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """What the dialog shows."""

    stay: StayRow
    first: dt.date
    kinds: Sequence[Kind]

    @property
    def none_free(self) -> bool:
        """Tell whether no room at all could be given."""
        return not any(kind.rooms and kind.open for kind in self.kinds)


def room_choice(hotel: Property, reservation: Reservation, rights: Collection[str]) -> RoomChoice:
    """Return the rooms that are free for the rest of the stay, its own type first, for a reader with `rights`."""
    row = stay_shown(hotel, reservation.pk, rights)
    first = max(reservation.arrival, hotel.business_date)
    free = rooms_free(hotel=hotel, first=first, departure=reservation.departure)
    keys = [room.pk for room in free]
    doors = connected_with(keys)
    rests = {row.room_id: row for row in periods_in(keys, DateRange(first, reservation.departure))}
    left = _stock(hotel, first, reservation.departure)
    own = reservation.room_type
    types = sorted(room_types_sold(hotel), key=lambda kind: (own is None or kind.pk != own.pk, kind.rank, kind.code))
    calendar = TypeCalendar(free)
    of_kind = {kind.pk: [room for room in free if calendar.on(room.pk, first) == kind.pk] for kind in types}

    def free_room(room: Room) -> FreeRoom:
        taken = room.occupancy == Room.Occupancy.OCCUPIED
        connects = tuple(other.number for other in doors.get(room.pk, ()))
        return FreeRoom(room.pk, room.number, room.condition, taken, connects, rests.get(room.pk))

    kinds = [_kind(kind, own, left.get(kind.pk, 0), [free_room(room) for room in of_kind[kind.pk]]) for kind in types]
    return RoomChoice(row, first, [kind for kind in kinds if kind.rooms or kind.booked])


def _stock(hotel: Property, first: dt.date, departure: dt.date) -> dict[uuid.UUID, int]:
    """Return the stock of each type alone: an upgrade takes nothing from the house, however full that is."""
    nights = RoomTypeNight.objects.filter(property_id=hotel.pk, night__gte=first, night__lt=departure)
    stock: dict[uuid.UUID, int] = {}
    for night in nights.exclude(room_type=None):
        if night.room_type_id:
            stock[night.room_type_id] = min(night.available, stock.get(night.room_type_id, night.available))
    return stock


def _kind(kind: RoomType, own: RoomType | None, left: int, rooms: Sequence[FreeRoom]) -> Kind:
    return Kind(
        name=kind.name,
        code=kind.code,
        booked=own is not None and kind.pk == own.pk,
        finer=own is None or kind.rank > own.rank,
        left=left,
        rooms=sorted(rooms, key=lambda room: (room.rests is not None, room.occupied, BEST_FIRST.index(room.condition))),
    )
