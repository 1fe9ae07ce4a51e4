"""Reads of buildings, floors, sections and features, of connecting rooms, and of the type of a room by date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from pms.accounts.access import fetch
from pms.core.errors import NotThere
from pms.core.pictures import file_read
from properties.models import (
    Building,
    CityTax,
    Feature,
    Floor,
    Place,
    Room,
    RoomConnection,
    RoomType,
    RoomTypePhoto,
    RoomTypeSpan,
    Section,
    TaxRate,
)
from properties.room_file import Known
from properties.selectors import room_type_for_update

PlaceRow = TypeVar("PlaceRow", bound=Place)


def places_of(model: type[PlaceRow], property_id: uuid.UUID, *, archived_too: bool = False) -> QuerySet[PlaceRow]:
    """Return the buildings, floors, sections or features in use, in the hotel's order."""
    rows: QuerySet[PlaceRow] = model._default_manager.filter(property_id=property_id)
    if not archived_too:
        rows = rows.filter(archived_at=None)
    if issubclass(model, Floor):
        rows = rows.select_related("building")
        return rows.order_by("building__order", "building__name", "order", "name")
    return rows.order_by("order", "name")


def place_for(model: type[PlaceRow], user: Any, right: str, pk: uuid.UUID, *, hotel: Any) -> PlaceRow:
    """Return the building, floor, section or feature `pk` of `hotel` if `user` holds `right` there."""
    rows: QuerySet[PlaceRow] = model._default_manager.all()
    return fetch(rows, user, right, pk=pk, property_id=hotel.pk)


def room_type_for(user: Any, right: str, pk: uuid.UUID, *, hotel: Any) -> RoomType:
    """Return the room type `pk` of `hotel` if `user` holds `right` there."""
    types: QuerySet[RoomType] = RoomType.objects.all()
    return fetch(types, user, right, pk=pk, property_id=hotel.pk)


def photos_of_type(room_type_id: uuid.UUID) -> QuerySet[RoomTypePhoto]:
    """Return the photos of a room type in their order, the cover first."""
    rows: QuerySet[RoomTypePhoto] = RoomTypePhoto.objects.filter(room_type_id=room_type_id)
    return rows.order_by("order", "id")


def photos_of_types(
    room_type_ids: Iterable[uuid.UUID], *, property_id: uuid.UUID
) -> dict[uuid.UUID, list[RoomTypePhoto]]:
    """Return the photos of those of these room types that are the hotel's, each in their order."""
    types = RoomType.objects.filter(pk__in=set(room_type_ids), property_id=property_id)
    found: dict[uuid.UUID, list[RoomTypePhoto]] = {pk: [] for pk in types.values_list("pk", flat=True)}
    rows = RoomTypePhoto.objects.filter(room_type_id__in=found).select_related("room_type")
    for photo in rows.order_by("order", "id"):
        found[photo.room_type_id].append(photo)
    return found


def photo_for(user: Any, right: str, pk: uuid.UUID, *, hotel: Any) -> RoomTypePhoto:
    """Return the photo `pk` of `hotel` if `user` holds `right` there."""
    photos: QuerySet[RoomTypePhoto] = RoomTypePhoto.objects.select_related("room_type")
    return fetch(photos, user, right, pk=pk, property_id=hotel.pk)


def photo_file(photo: RoomTypePhoto, side: int) -> bytes | None:
    """Return the smallest file of a photo that is at least `side` long, else the largest; None: it is lost."""
    sides = sorted(photo.sides())
    wanted = next((kept for kept in sides if kept >= side), sides[-1])
    return file_read(photo.folder(), photo.digest, wanted)


def photo_for_update(pk: uuid.UUID) -> RoomTypePhoto:
    """Return the photo, locked after its room type, as the order of the photos is. Raises `NotThere`."""
    kind = RoomTypePhoto.objects.filter(pk=pk).values_list("room_type_id", flat=True).first()
    if kind is not None:
        room_type = room_type_for_update(kind)
        photo: RoomTypePhoto | None = RoomTypePhoto.objects.select_for_update(no_key=True).filter(pk=pk).first()
        if photo is not None:
            photo.room_type = room_type
            return photo
    raise NotThere(_("That photo"))


def place_for_update(model: type[PlaceRow], pk: uuid.UUID) -> PlaceRow:
    """Return the row, locked. Raises `NotThere`."""
    row: PlaceRow | None = model._default_manager.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        raise NotThere(_("That %(verbose_name)s") % {"verbose_name": model._meta.verbose_name})
    return row


def room_ids_at(property_id: uuid.UUID, **place: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the rooms in use at a floor or in a building (`on_floor=…`)."""
    rooms = Room.objects.filter(property_id=property_id, archived_at=None, **place)
    return list(rooms.values_list("pk", flat=True))


def feature_names(property_id: uuid.UUID) -> dict[str, str]:
    """Return what the hotel's features are called, by code, those that are archived included."""
    rows = Feature.objects.filter(property_id=property_id).order_by("order", "name")
    return dict(rows.values_list("code", "name"))


def room_numbers(property_id: uuid.UUID) -> dict[str, str]:
    """Return the numbers of the hotel's rooms by key, those that are archived included."""
    rooms = Room.objects.filter(property_id=property_id).values_list("pk", "number")
    return {str(pk): number for pk, number in rooms}


def known_for_import(property_id: uuid.UUID) -> Known:
    """Return what a list of rooms is compared with: numbers (archived rooms keep theirs), types and features."""
    types = RoomType.objects.filter(property_id=property_id, archived_at=None)
    features = Feature.objects.filter(property_id=property_id, archived_at=None)
    return Known(
        numbers=frozenset(Room.objects.filter(property_id=property_id).values_list("number", flat=True)),
        types={words.casefold(): kind.code for kind in types for words in (kind.code, kind.name)},
        features={words.casefold(): row.code for row in features for words in (row.code, row.name)},
    )


def tax_codes_of(property_id: uuid.UUID) -> set[str]:
    """Return the codes of the tax rates that the hotel has."""
    return set(TaxRate.objects.filter(property_id=property_id).values_list("code", flat=True))


def connected_with(room_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Room]]:
    """Return for each of these rooms the rooms in use behind its connecting doors, in house order."""
    asked = set(room_ids)
    pairs = RoomConnection.objects.filter(Q(first__in=asked) | Q(second__in=asked)).select_related("first", "second")
    found: dict[uuid.UUID, list[Room]] = defaultdict(list)
    for pair in pairs:
        for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
            if one.pk in asked and other.archived_at is None:
                found[one.pk].append(other)
    return {pk: sorted(rooms, key=lambda room: room.sort_key) for pk, rooms in found.items()}


def room_by_id(room_id: uuid.UUID) -> Room:
    """Return the room of an event; edges find theirs by a selector that asks for a right."""
    return Room.objects.get(pk=room_id)


class TypeCalendar:
    """Of which type rooms are in which night, read once."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        self._today = {room.pk: room.room_type_id for room in rooms}
        self._spans: dict[uuid.UUID, list[RoomTypeSpan]] = defaultdict(list)
        for span in RoomTypeSpan.objects.filter(room_id__in=self._today):
            self._spans[span.room_id].append(span)

    def on(self, room_id: uuid.UUID, night: dt.date) -> uuid.UUID:
        """Return the type of the room in this night."""
        for span in self._spans.get(room_id, ()):
            if night in span.days:
                return span.room_type_id
        return self._today[room_id]

    def changes(self, room_id: uuid.UUID, *, after: dt.date) -> list[RoomTypeSpan]:
        """Return what the room becomes later than `after`, the next first."""
        spans = [span for span in self._spans.get(room_id, ()) if span.days.lower and span.days.lower > after]
        return sorted(spans, key=lambda span: span.days.lower)


def copied_with(property_id: uuid.UUID) -> list[tuple[str, int]]:
    """Return what a copy of the hotel takes along, by its name in the reader's language, with how many there are."""
    lasting = [(model, {"archived_at": None}) for model in (Building, Floor, Section, Feature, RoomType, Room)]
    models: list[tuple[Any, dict[str, None]]] = [*lasting, (TaxRate, {}), (CityTax, {})]
    return [
        (str(model._meta.verbose_name_plural), model._default_manager.filter(property_id=property_id, **still).count())
        for model, still in models
    ]
