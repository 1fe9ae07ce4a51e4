"""`merge`: which fields of a form to apply when somebody else saved since it was opened."""

from __future__ import annotations

import pytest

from pms.core.errors import StaleVersion
from properties.models import Room
from tests.domain.core.given import make_room, make_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    """A room whose floor somebody changed after the form (version 1) was opened."""
    room = make_room(number="101")
    room.floor = "2"
    room.save()
    return room


def test_only_fields_with_another_value_are_to_be_applied(room: Room) -> None:
    assert room.merge(seen=2, values={"condition": "dirty", "number": "101"}) == {"condition": "dirty"}


def test_another_field_than_theirs_is_merged(room: Room) -> None:
    assert room.merge(seen=1, values={"condition": "dirty"}) == {"condition": "dirty"}


def test_a_field_the_person_did_not_touch_never_counts_as_theirs(room: Room) -> None:
    submitted = {"condition": "dirty", "floor": ""}
    shown = {"condition": "clean", "floor": ""}

    assert room.merge(seen=1, values=submitted, originals=shown) == {"condition": "dirty"}


def test_without_originals_an_old_value_counts_as_a_conflict(room: Room) -> None:
    with pytest.raises(StaleVersion) as refused:
        room.merge(seen=1, values={"condition": "dirty", "floor": ""})

    assert refused.value.conflicts == {"floor": ("", "2")}
    assert refused.value.current == {"condition": "clean", "floor": "2"}
    assert refused.value.version == 2


def test_the_same_field_with_another_value_is_a_conflict_with_both_values(room: Room) -> None:
    with pytest.raises(StaleVersion) as refused:
        room.merge(seen=1, values={"floor": "3"}, originals={"floor": ""})

    assert refused.value.conflicts == {"floor": ("3", "2")}


def test_the_same_value_as_theirs_is_nothing_to_apply(room: Room) -> None:
    assert room.merge(seen=1, values={"floor": "2"}, originals={"floor": ""}) == {}


def test_who_saw_the_latest_version_overwrites(room: Room) -> None:
    assert room.merge(seen=2, values={"floor": "3"}) == {"floor": "3"}


def test_a_version_that_the_row_never_had_overwrites_nothing_that_was_not_shown(room: Room) -> None:
    with pytest.raises(StaleVersion) as refused:
        room.merge(seen=9, values={"floor": "3"})
    assert (refused.value.conflicts, refused.value.version) == ({"floor": ("3", "2")}, 2)
    with pytest.raises(StaleVersion):
        room.merge(seen=9, values={"floor": "3"}, originals={"floor": "1"})

    assert room.merge(seen=9, values={"floor": "3"}, originals={"floor": "2"}) == {"floor": "3"}
    assert room.merge(seen=9, values={"floor": "2"}) == {}


def test_a_form_may_give_the_related_row_itself(room: Room) -> None:
    suite = make_type(room.property, code="SUI")

    assert room.merge(seen=1, values={"room_type": room.room_type}) == {}
    assert room.merge(seen=1, values={"room_type": suite}, originals={"room_type": room.room_type_id}) == {
        "room_type": suite
    }
