"""Rows that several people edit at once: one version a save, only the changed fields, nobody's work lost."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from pms.core.errors import NotThere, StaleVersion, VersionRequired
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties.models import Room
from tests.domain.core.given import make_hotel, make_room, make_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    return make_room(number="101")


def again(room: Room) -> Room:
    """Load the row anew, as another person's request does."""
    return Room.objects.get(pk=room.pk)


def test_a_save_raises_the_version_by_exactly_one_and_notes_it_for_the_field(room: Room) -> None:
    assert (room.version, room.field_versions) == (1, {})

    room.condition = Room.Condition.DIRTY
    room.save()

    assert (room.version, room.field_versions) == (2, {"condition": 2})
    assert (again(room).version, again(room).field_versions) == (2, {"condition": 2})


def test_only_the_changed_fields_are_written(room: Room) -> None:
    room.floor = "1"

    with CaptureQueriesContext(
        connection,
    ) as queries:
        room.save()

    (update,) = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert update.partition(" WHERE ")[0].count(" = ") == 4
    assert all(f'"{name}" = ' in update for name in ("floor", "version", "field_versions", "updated_at"))


def test_nothing_changed_means_nothing_is_written_announced_or_audited(room: Room) -> None:
    before = (StreamEvent.objects.count(), AuditEntry.objects.count())

    with CaptureQueriesContext(connection) as queries:
        room.save()
        room.save(update_fields=["condition"])

    assert len(queries) == 0
    assert (StreamEvent.objects.count(), AuditEntry.objects.count()) == before
    assert again(room).version == 1


def test_a_stale_row_with_another_field_merges_and_takes_over_what_others_saved(room: Room) -> None:
    mine, theirs = again(room), again(room)
    theirs.floor = "2"
    theirs.save()

    mine.condition = Room.Condition.DIRTY
    mine.save()

    assert (mine.floor, mine.condition, mine.version) == ("2", "dirty", 3)
    assert mine.field_versions == {"floor": 2, "condition": 3}
    stored = again(room)
    assert (stored.floor, stored.condition, stored.version) == ("2", "dirty", 3)


def test_the_save_after_a_merge_does_not_write_the_others_old_value_back(room: Room) -> None:
    mine, theirs = again(room), again(room)
    theirs.floor = "2"
    theirs.save()
    mine.condition = Room.Condition.DIRTY
    mine.save()
    theirs = again(room)
    theirs.floor = "3"
    theirs.save()

    mine.floor = "4"
    with pytest.raises(StaleVersion) as refused:
        mine.save()

    assert refused.value.conflicts == {"floor": ("4", "3")}
    assert again(room).floor == "3"


def test_a_stale_row_with_the_same_field_is_refused_and_nothing_is_saved(room: Room) -> None:
    mine, theirs = again(room), again(room)
    theirs.condition = Room.Condition.INSPECTED
    theirs.save()
    before = (StreamEvent.objects.count(), AuditEntry.objects.count())

    mine.condition, mine.floor = Room.Condition.DIRTY, "9"
    with pytest.raises(StaleVersion) as refused:
        mine.save()

    error = refused.value
    assert error.conflicts == {"condition": ("dirty", "inspected")}
    assert error.current == {"condition": "inspected", "floor": ""}
    assert (error.version, error.facts["changed_fields"]) == (2, ["condition"])
    assert (again(room).condition, again(room).floor, again(room).version) == ("inspected", "", 2)
    assert (StreamEvent.objects.count(), AuditEntry.objects.count()) == before


def test_the_same_value_from_two_sides_is_no_conflict(room: Room) -> None:
    mine, theirs = again(room), again(room)
    theirs.condition = Room.Condition.DIRTY
    theirs.save()

    mine.condition = Room.Condition.DIRTY
    mine.save()

    assert again(room).condition == "dirty"


def test_update_fields_leaves_the_other_changes_for_a_later_save(room: Room) -> None:
    room.condition, room.floor = Room.Condition.DIRTY, "3"

    room.save(update_fields=["condition"])
    assert (again(room).condition, again(room).floor) == ("dirty", "")

    room.save()
    assert (again(room).floor, again(room).version) == ("3", 3)


def test_update_fields_may_name_the_column_of_a_relation(room: Room) -> None:
    suite = make_type(room.property, code="SUI")
    room.room_type = suite

    room.save(update_fields=["room_type_id"])

    assert again(room).room_type_id == suite.pk


def test_a_change_before_a_deferred_field_is_read_is_not_forgotten(room: Room) -> None:
    mine = Room.objects.only("number", "version", "sort_key").get(pk=room.pk)
    mine.number = "202"

    assert mine.floor == ""  # read from the database now
    mine.save()

    assert again(room).number == "202"


def test_a_field_that_was_not_loaded_can_be_set(room: Room) -> None:
    mine = Room.objects.only("number", "version", "sort_key").get(pk=room.pk)
    mine.floor = "7"

    mine.save()

    assert again(room).floor == "7"


def test_a_row_loaded_without_its_version_is_not_saved(room: Room) -> None:
    mine = Room.objects.only("number", "sort_key").get(pk=room.pk)
    mine.number = "202"

    with pytest.raises(VersionRequired):
        mine.save()

    assert again(room).number == "101"


def test_refreshing_one_field_keeps_the_other_change(room: Room) -> None:
    room.floor = "5"
    room.refresh_from_db(fields=["condition"])

    room.save()

    assert again(room).floor == "5"


def test_a_change_inside_a_json_value_is_noticed(room: Room) -> None:
    room.field_versions["condition"] = 9

    assert room.changed_fields() == {"field_versions"}


def test_a_row_that_was_deleted_meanwhile_is_not_there(room: Room) -> None:
    mine = again(room)
    room.delete()

    mine.condition = Room.Condition.DIRTY
    with pytest.raises(NotThere):
        mine.save()

    assert not Room.objects.exists()


def test_a_refusal_leaves_the_transaction_usable(room: Room) -> None:
    mine, theirs = again(room), again(room)
    theirs.floor = "1"
    theirs.save()
    mine.floor = "2"

    with transaction.atomic():
        with pytest.raises(StaleVersion):
            mine.save()
        theirs.floor = "3"
        theirs.save()

    assert again(room).floor == "3"


def test_a_row_moved_to_another_hotel_type_forgets_the_cached_one() -> None:
    hotel = make_hotel()
    room = make_room(hotel)
    mine, theirs = Room.objects.select_related("room_type").get(pk=room.pk), again(room)
    theirs.room_type = make_type(hotel, code="SUI", name="Suite")
    theirs.save()

    mine.floor = "1"
    mine.save()

    assert mine.room_type.name == "Suite"
