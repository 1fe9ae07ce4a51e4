"""Opens a hotel as the copy of another one of the same organization: its house, its words and its rules, no business.

Guests, stays, bills, staff, channels and numbers stay where they are. Photos and the logo show the other house; prices
by the night are set where they are sold. What upper apps copy, they say in the slot `COPIES`.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import Model

from pms.core import slots
from pms.core.locks import Lock, lock_exclusive
from pms.core.models import VersionedRow
from pms.events.publish import publish
from properties.events import RoomsAdding
from properties.models import (
    Building,
    CityTax,
    Feature,
    Floor,
    Property,
    Room,
    RoomConnection,
    RoomType,
    Section,
    TaxRate,
)
from properties.selectors import hotel_by_id

from .connections import room_connect
from .hotels import hotel_open
from .roles import roles_copy
from .room_types import room_type_add
from .rooms import room_change, room_make

# Providers are called as `provider(copy)` with a `HotelCopy`, in the same transaction, after types and rooms are there.
COPIES: Final = "properties.hotel_copies"
# How the house is run. Name, address, numbers and addresses in the net are each hotel's own.
SETTINGS = ("age_bands", "locale", "check_in_time", "check_out_time", "audit_time", "accent_hue", "country")
# What every row has for itself.
OWN = frozenset({"id", "property", "version", "field_versions", "created_at", "updated_at", "archived_at"})

Row = TypeVar("Row", bound=VersionedRow)


@dataclass(frozen=True, slots=True)
class HotelCopy:
    """A hotel that is being copied: `source`, the new `hotel`, and which row of it stands for which of the source."""

    source: Property
    hotel: Property
    rows: dict[uuid.UUID, VersionedRow] = field(default_factory=dict)

    def take(self, row: Row, make: Callable[..., Row] | None = None) -> Row:
        """Copy one row, with its references turned to the rows of the new hotel; `make` saves it, else it saves itself.

        A reference to a row that was not copied (archived, left out) is empty.
        """
        values = {column.name: self._of_here(column, row) for column in row._meta.concrete_fields}
        values = {name: value for name, value in values.items() if name not in OWN}
        made = make(**values) if make else type(row)(**values, **self._tenant(row))
        if make is None:
            made.save()
        self.rows[row.pk] = made
        return made

    def _of_here(self, column: Any, row: VersionedRow) -> Any:
        value = getattr(row, column.attname)
        return self.rows.get(value) if column.is_relation else value

    def _tenant(self, row: VersionedRow) -> Mapping[str, Model]:
        return {"property": self.hotel} if any(column.name == "property" for column in row._meta.fields) else {}


@transaction.atomic
def hotel_copy(
    *, source_id: uuid.UUID, owner_id: uuid.UUID, code: str, name: str, time_zone: str, with_rooms: bool = True
) -> Property:
    """Open a hotel that is set up as the hotel `source_id`; `owner_id` is the only one who works there at first.

    Its currency is that of the source, since sums are copied. Raises `HotelCodeTaken`, `InvalidValue`.
    """
    source = hotel_by_id(source_id)
    hotel = hotel_open(
        organization=source.organization,
        owner_id=owner_id,
        code=code,
        name=name,
        time_zone=time_zone,
        currency=source.currency,
    )
    for setting in SETTINGS:
        setattr(hotel, setting, getattr(source, setting))
    hotel.save()
    roles_copy(from_property_id=source.pk, to_property_id=hotel.pk)
    copy = HotelCopy(source, hotel)
    _copy_places(copy)
    _copy_types(copy)
    if with_rooms:
        _copy_rooms(copy)
    for entry in slots.entries(COPIES):
        entry.provider(copy)
    return hotel


def _copy_places(copy: HotelCopy) -> None:
    """Copy what rooms refer to, and the taxes; referred rows before those that refer to them."""
    for model in (Building, Floor, Section, Feature):
        for place in model._default_manager.filter(property=copy.source, archived_at=None):
            copy.take(place)
    for tax in (TaxRate, CityTax):
        for rule in tax._default_manager.filter(property=copy.source):
            copy.take(rule)


def _copy_types(copy: HotelCopy) -> None:
    for kind in RoomType.objects.filter(property=copy.source, archived_at=None):
        copy.take(kind, lambda **values: room_type_add(property_id=copy.hotel.pk, **values))


def _copy_rooms(copy: HotelCopy) -> None:
    """Copy the rooms in use, clean and vacant; the stock is told of all of them once."""
    rooms = list(Room.objects.filter(property=copy.source, archived_at=None, room_type__archived_at=None))
    lock_exclusive(Lock.INVENTORY, copy.hotel.pk)
    counts = Counter(copy.rows[room.room_type_id].pk for room in rooms)
    if counts:
        facts: dict[str, Any] = {"property_id": copy.hotel.pk, "business_date": copy.hotel.business_date}
        publish(RoomsAdding(counts=tuple(sorted(counts.items())), **facts))
    for room in rooms:
        copy.rows[room.pk] = _copied_room(copy, room)
    for room in rooms:
        if parts := [str(copy.rows[key].pk) for key in room.beds() if key != room.pk and key in copy.rows]:
            room_change(room_id=copy.rows[room.pk].pk, values={"parts": parts})
    for door in RoomConnection.objects.filter(property=copy.source):
        if door.first_id in copy.rows and door.second_id in copy.rows:
            room_connect(room_id=copy.rows[door.first_id].pk, to=[copy.rows[door.second_id].pk])


def _copied_room(copy: HotelCopy, room: Room) -> Room:
    floor = copy.rows.get(room.on_floor_id) if room.on_floor_id else None
    section = copy.rows.get(room.section_id) if room.section_id else None
    return room_make(
        property_id=copy.hotel.pk,
        room_type_id=copy.rows[room.room_type_id].pk,
        number=room.number,
        on_floor_id=floor.pk if floor else None,
        section_id=section.pk if section else None,
        features=room.features,
    )
