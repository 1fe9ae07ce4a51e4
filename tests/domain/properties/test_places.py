"""Buildings, floors, sections and features: named, ordered, renamed in their rooms, archived when nobody is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from pms.core.errors import InvalidValue, NotThere, StaleVersion
from pms.events.models import StreamEvent
from properties.errors import PlaceInUse, PlaceNameTaken
from properties.models import Building, Floor, Place, Property, Room
from properties.places.selectors import feature_names, places_of
from properties.services import places
from properties.services.rooms import room_change
from tests.factories.properties import make_room


def test_a_room_that_names_a_new_floor_makes_it(hotel: Property) -> None:
    one, two = make_room(hotel=hotel, floor="7"), make_room(hotel=hotel, floor="7")

    assert one.on_floor is not None and one.on_floor == two.on_floor
    assert (one.on_floor.name, one.on_floor.building, one.floor) == ("7", None, "7")


def test_floors_stand_as_people_count_them(hotel: Property) -> None:
    for name in ("12", "2", "roof"):
        make_room(hotel=hotel, floor=name)

    names = [floor.name for floor in places_of(Floor, hotel.pk)]
    assert [name for name in names if name in {"2", "12", "roof"}] == ["2", "12", "roof"]


def test_a_renamed_floor_is_told_in_its_rooms(hotel: Property) -> None:
    room = make_room(hotel=hotel, floor="7")
    floor = places.floor_change(floor_id=room.on_floor_id, values={"name": "Attic"})

    after = Room.objects.get(pk=room.pk)
    assert (after.floor, after.on_floor, after.version) == ("Attic", floor, room.version + 1)
    told = StreamEvent.objects.filter(code="room.changed", object_id=room.pk).latest("id")
    assert told.payload["changes"] == {"floor": ["7", "Attic"]}


def test_a_room_moves_to_another_floor_by_row_or_by_name(hotel: Property) -> None:
    room = make_room(hotel=hotel, floor="7")
    annex = places.building_add(property_id=hotel.pk, name="Annex")
    ground = places.floor_add(property_id=hotel.pk, name="G", building_id=annex.pk)

    moved = room_change(room_id=room.pk, values={"on_floor": ground.pk})
    assert (moved.floor, moved.on_floor) == ("G", ground)

    back = room_change(room_id=room.pk, values={"floor": "7"})
    assert back.on_floor is not None and (back.floor, back.on_floor.name) == ("7", "7")

    nowhere = room_change(room_id=room.pk, values={"on_floor": None})
    assert (nowhere.floor, nowhere.on_floor) == ("", None)


def test_the_floor_of_another_hotel_is_refused(hotel: Property, other_hotel: Property) -> None:
    theirs = places.floor_add(property_id=other_hotel.pk, name="X")
    room = make_room(hotel=hotel, floor="7")

    with pytest.raises(InvalidValue) as refusal:
        room_change(room_id=room.pk, values={"on_floor": theirs.pk})
    assert refusal.value.field == "on_floor"
    assert Room.objects.get(pk=room.pk).floor == "7"
    building = places.building_add(property_id=other_hotel.pk, name="Theirs")
    with pytest.raises(NotThere):
        places.floor_add(property_id=hotel.pk, name="8", building_id=building.pk)


class Acts(NamedTuple):
    """The acts on one kind of row, what the key is called, and what one is made of."""

    add: Callable[..., Place]
    change: Callable[..., Place]
    archive: Callable[..., Place]
    restore: Callable[..., Place]
    key: str
    facts: dict[str, Any]


KINDS = [
    Acts(
        places.building_add,
        places.building_change,
        places.building_archive,
        places.building_restore,
        "building_id",
        {"name": "Annex"},
    ),
    Acts(
        places.floor_add, places.floor_change, places.floor_archive, places.floor_restore, "floor_id", {"name": "Roof"}
    ),
    Acts(
        places.section_add,
        places.section_change,
        places.section_archive,
        places.section_restore,
        "section_id",
        {"name": "North"},
    ),
    Acts(
        places.feature_add,
        places.feature_change,
        places.feature_archive,
        places.feature_restore,
        "feature_id",
        {"name": "Piano", "code": "pia"},
    ),
]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key.removesuffix("_id"))


@each_kind
def test_each_is_named_once_changed_with_its_version_and_archived(hotel: Property, kind: Acts) -> None:
    row = kind.add(property_id=hotel.pk, **kind.facts)
    with pytest.raises(PlaceNameTaken) as taken:
        kind.add(property_id=hotel.pk, **kind.facts)
    assert "already" in taken.value.message

    changed = kind.change(**{kind.key: row.pk}, values={"order": 30}, seen_version=1)
    assert (changed.order, changed.version) == (30, 2)
    with pytest.raises(StaleVersion):
        kind.change(**{kind.key: row.pk}, values={"order": 40}, seen_version=1)

    assert kind.archive(**{kind.key: row.pk}).archived_at is not None
    assert row not in places_of(type(row), hotel.pk)


@each_kind
def test_an_archived_one_keeps_its_name_and_comes_back_with_it(hotel: Property, kind: Acts) -> None:
    row = kind.add(property_id=hotel.pk, **kind.facts)
    kind.archive(**{kind.key: row.pk})
    with pytest.raises(PlaceNameTaken) as taken:
        kind.add(property_id=hotel.pk, **kind.facts)
    assert "is archived" in taken.value.message

    back = kind.restore(**{kind.key: row.pk})
    assert (back.name, back.archived_at, back.version) == (row.name, None, 3)
    assert row in places_of(type(row), hotel.pk)
    assert kind.restore(**{kind.key: row.pk}).version == 3  # a second click changes nothing


def test_a_floor_comes_back_with_its_building_and_a_building_without_its_floors(hotel: Property) -> None:
    annex = places.building_add(property_id=hotel.pk, name="Annex")
    ground = places.floor_add(property_id=hotel.pk, name="G", building_id=annex.pk)
    places.floor_archive(floor_id=ground.pk)
    places.building_archive(building_id=annex.pk)

    places.building_restore(building_id=annex.pk)
    assert ground not in places_of(Floor, hotel.pk)
    places.building_archive(building_id=annex.pk)
    places.floor_restore(floor_id=ground.pk)
    assert ground in places_of(Floor, hotel.pk) and annex in places_of(Building, hotel.pk)


def test_what_rooms_refer_to_is_not_archived(hotel: Property) -> None:
    room = make_room(hotel=hotel, floor="7")
    section = places.section_add(property_id=hotel.pk, name="North")
    sea = places.feature_add(property_id=hotel.pk, code="sea_view", name="Sea view")
    room_change(room_id=room.pk, values={"section": section.pk, "features": ["sea_view"]})
    annex = places.building_add(property_id=hotel.pk, name="Annex")
    places.floor_change(floor_id=room.on_floor_id, values={"building": annex.pk})

    for archive, facts in (
        (places.section_archive, {"section_id": section.pk}),
        (places.feature_archive, {"feature_id": sea.pk}),
        (places.floor_archive, {"floor_id": room.on_floor_id}),
        (places.building_archive, {"building_id": annex.pk}),
    ):
        with pytest.raises(PlaceInUse) as refusal:
            archive(**facts)
        assert refusal.value.facts["used"] == 1
    assert Building.objects.get(pk=annex.pk).archived_at is None


def test_a_feature_that_the_hotel_does_not_have_is_refused(hotel: Property, room: Room) -> None:
    with pytest.raises(InvalidValue) as refusal:
        room_change(room_id=room.pk, values={"features": ["moon_view"]})
    assert refusal.value.field == "features"

    places.feature_add(property_id=hotel.pk, code="moon_view", name="Moon view")
    assert room_change(room_id=room.pk, values={"features": ["moon_view"]}).features == ["moon_view"]
    assert feature_names(hotel.pk) == {"moon_view": "Moon view"}
