"""Buildings, floors, sections and features: the lists of a hotel that rooms refer to.

Archiving takes a row out of the lists to choose from; it is refused while rooms are there, so that no room stands
nowhere. Its name stays taken, so that history stays readable, and restoring brings it back. What such a row is called
follows at once on every open page, and a floor's name in its rooms.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, NotThere
from pms.core.locks import Lock, lock_exclusive
from pms.events.publish import publish_all
from pms.events.together import save_together
from properties.errors import PlaceInUse, PlaceNameTaken
from properties.events import RoomChanged
from properties.models import Building, Feature, Floor, Place, Room, RoomType, Section
from properties.places.selectors import place_for_update
from properties.selectors import business_date_of, rooms_for_update

from .changes import apply, check

NAMED = frozenset({"name", "order"})
Row = TypeVar("Row", bound=Place)


@transaction.atomic
def building_add(*, property_id: uuid.UUID, name: str, order: int = 10) -> Building:
    """Add a building. Raises `PlaceNameTaken`, `InvalidValue`."""
    return _added(Building(property_id=property_id, name=name, order=order))


@transaction.atomic
def building_change(*, building_id: uuid.UUID, **changed: Any) -> Building:
    """Change name or order (`values`, `originals`, `seen_version`). Raises `PlaceNameTaken`, `StaleVersion`."""
    return _changed(place_for_update(Building, building_id), NAMED, **changed)


@transaction.atomic
def building_archive(*, building_id: uuid.UUID) -> Building:
    """Take a building without floors out of use. Raises `PlaceInUse`."""
    building = place_for_update(Building, building_id)
    return _archived(building, Floor.objects.filter(building=building, archived_at=None).count())


@transaction.atomic
def building_restore(*, building_id: uuid.UUID) -> Building:
    """Take an archived building into use again; its floors stay archived until they are asked for."""
    return _restored(place_for_update(Building, building_id))


@transaction.atomic
def floor_add(*, property_id: uuid.UUID, name: str, order: int = 10, building_id: uuid.UUID | None = None) -> Floor:
    """Add a floor, in a building where the hotel has several. Raises `PlaceNameTaken`, `NotThere`, `InvalidValue`."""
    _refuse_building(property_id, building_id)
    return _added(Floor(property_id=property_id, name=name, order=order, building_id=building_id))


@transaction.atomic
def floor_change(*, floor_id: uuid.UUID, **changed: Any) -> Floor:
    """Change name, order or building (`values`, `originals`, `seen_version`); its rooms say the new name at once.

    Raises `PlaceNameTaken`, `StaleVersion`, `InvalidValue`.
    """
    lock_exclusive(Lock.INVENTORY, _property_of(floor_id))  # as all who write rooms do, before the rooms
    rooms = rooms_for_update(Room.objects.filter(on_floor_id=floor_id).values_list("pk", flat=True))
    floor = place_for_update(Floor, floor_id)
    before = floor.name
    floor = _changed(floor, NAMED | {"building"}, **changed)
    _refuse_building(floor.property_id, floor.building_id)
    if floor.name != before:
        _rename_in(rooms, floor.name)
    return floor


@transaction.atomic
def floor_archive(*, floor_id: uuid.UUID) -> Floor:
    """Take a floor without rooms out of use. Raises `PlaceInUse`."""
    lock_exclusive(Lock.INVENTORY, _property_of(floor_id))
    floor = place_for_update(Floor, floor_id)
    return _archived(floor, Room.objects.filter(on_floor=floor, archived_at=None).count())


@transaction.atomic
def floor_restore(*, floor_id: uuid.UUID) -> Floor:
    """Take an archived floor into use again, and with it the building that it stands in."""
    floor = place_for_update(Floor, floor_id)
    if floor.building_id is not None:
        _restored(place_for_update(Building, floor.building_id))
    return _restored(floor)


@transaction.atomic
def section_add(*, property_id: uuid.UUID, name: str, order: int = 10) -> Section:
    """Add a section of housekeeping. Raises `PlaceNameTaken`, `InvalidValue`."""
    return _added(Section(property_id=property_id, name=name, order=order))


@transaction.atomic
def section_change(*, section_id: uuid.UUID, **changed: Any) -> Section:
    """Change name or order (`values`, `originals`, `seen_version`). Raises `PlaceNameTaken`, `StaleVersion`."""
    return _changed(place_for_update(Section, section_id), NAMED, **changed)


@transaction.atomic
def section_archive(*, section_id: uuid.UUID) -> Section:
    """Take a section without rooms out of use. Raises `PlaceInUse`."""
    section = place_for_update(Section, section_id)
    return _archived(section, Room.objects.filter(section=section, archived_at=None).count())


@transaction.atomic
def section_restore(*, section_id: uuid.UUID) -> Section:
    """Take an archived section into use again; the rooms that were in it are put there anew."""
    return _restored(place_for_update(Section, section_id))


@transaction.atomic
def feature_add(*, property_id: uuid.UUID, code: str, name: str, order: int = 10) -> Feature:
    """Add something that rooms may have. Raises `PlaceNameTaken`, `InvalidValue`."""
    return _added(Feature(property_id=property_id, code=code, name=name, order=order))


@transaction.atomic
def feature_change(*, feature_id: uuid.UUID, **changed: Any) -> Feature:
    """Change name or order (`values`, `originals`, `seen_version`). Raises `StaleVersion`, `InvalidValue`."""
    return _changed(place_for_update(Feature, feature_id), NAMED, **changed)


@transaction.atomic
def feature_archive(*, feature_id: uuid.UUID) -> Feature:
    """Take a feature out of use that no type and no room has. Raises `PlaceInUse`."""
    feature = place_for_update(Feature, feature_id)
    having: dict[str, Any] = {
        "property": feature.property_id,
        "archived_at": None,
        "features__contains": [feature.code],
    }
    return _archived(feature, Room.objects.filter(**having).count() + RoomType.objects.filter(**having).count())


@transaction.atomic
def feature_restore(*, feature_id: uuid.UUID) -> Feature:
    """Take an archived feature into use again."""
    return _restored(place_for_update(Feature, feature_id))


def floor_named(property_id: uuid.UUID, name: str) -> Floor | None:
    """Return the floor that a room says by its name, made where it is new; None for no name."""
    return floor_made(property_id, name) if name else None


def floor_made(property_id: uuid.UUID, name: str) -> Floor:
    """Return the floor of this name, made where it is new.

    The caller holds the hotel's inventory lock, so that two rooms make one floor. Raises `InvalidValue`.
    """
    found = Floor.objects.filter(property_id=property_id, name=name, archived_at=None)
    floor = found.order_by("building__order", "order").first()
    return floor or _added(Floor(property_id=property_id, name=name, order=_place_of(property_id, name)))


def feature_codes(property_id: uuid.UUID) -> dict[str, str]:
    """Return the code of each feature in use by its code and its name, without case."""
    rows = Feature.objects.filter(property_id=property_id, archived_at=None)
    return {words.casefold(): row.code for row in rows for words in (row.code, row.name)}


def features_check(property_id: uuid.UUID, codes: list[str]) -> None:
    """Raise `InvalidValue` for a feature that the hotel does not have."""
    known = Feature.objects.filter(property_id=property_id, code__in=codes).values_list("code", flat=True)
    if unknown := sorted(set(codes) - set(known)):
        raise InvalidValue(
            _("There is no feature “%(code)s”. Nothing was saved.") % {"code": unknown[0]}, field="features"
        )


def _place_of(property_id: uuid.UUID, name: str) -> int:
    """Return an order for a floor that nobody put in place: by its number, else behind those there are."""
    if name.isdecimal() and len(name) < 4:
        return 10 * int(name) + 10
    last = Floor.objects.filter(property_id=property_id).order_by("-order").values_list("order", flat=True).first()
    return min((last or 0) + 10, 32000)


def _added(row: Row) -> Row:
    check(row)
    _refuse_taken(row)
    row.save()
    return row


def _changed(
    row: Row,
    allowed: frozenset[str],
    *,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> Row:
    if apply(row, values=values, allowed=allowed, seen_version=seen_version, originals=originals):
        _refuse_taken(row)
        row.save()
    return row


def _archived(row: Row, used: int) -> Row:
    if used:
        raise PlaceInUse(name=row.name, used=used)
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.save()
    return row


def _restored(row: Row) -> Row:
    if row.archived_at is not None:
        row.archived_at = None
        row.save()
    return row


def _refuse_taken(row: Place) -> None:
    others: Any = type(row)._default_manager.filter(property_id=row.property_id).exclude(pk=row.pk)
    field = "code" if isinstance(row, Feature) else "name"
    if isinstance(row, Floor):
        others = others.filter(building_id=row.building_id)
    value = getattr(row, field)
    if other := others.filter(**{field: value}).first():
        raise PlaceNameTaken(value, field=field, archived=other.archived_at is not None)


def _refuse_building(property_id: uuid.UUID, building_id: uuid.UUID | None) -> None:
    if building_id and not Building.objects.filter(pk=building_id, property_id=property_id, archived_at=None).exists():
        raise NotThere(_("That building"))


def _rename_in(rooms: list[Room], name: str) -> None:
    """Write the new name of their floor into the locked `rooms`, and tell partners, who read it there."""
    told = [(room, room.floor) for room in rooms if room.floor != name]
    for room, _old in told:
        room.floor = name
    save_together([room for room, _old in told])
    day = business_date_of(rooms[0].property_id) if rooms else None
    publish_all(
        [
            RoomChanged(
                property_id=room.property_id,
                business_date=day,
                room_id=room.pk,
                version=room.version,
                changes={"floor": (old, name)},
            )
            for room, old in told
        ]
    )


def _property_of(floor_id: uuid.UUID) -> uuid.UUID:
    found: uuid.UUID | None = Floor.objects.filter(pk=floor_id).values_list("property_id", flat=True).first()
    if found is None:
        raise NotThere(_("That floor"))
    return found
