"""Rooms: marking, adding, changing, archiving; each change is news, audited, and a refused one leaves nothing."""

from __future__ import annotations

import uuid

import pytest

from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.errors import InvalidValue, NotThere, StaleVersion
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties import errors, services
from properties.models import Property, Room, RoomType
from properties.services.places import floor_archive
from tests.factories.properties import make_room, make_room_type


def news_of(room_id: uuid.UUID) -> list[str]:
    return list(StreamEvent.objects.filter(object_id=room_id).order_by("id").values_list("code", flat=True))


def test_a_room_marked_by_a_housekeeper_is_news(room: Room, maria: User) -> None:
    with act_as(via="web", user=maria, request_id="request-of-maria"):
        services.room_mark(room_id=room.pk, condition="dirty")

    happened = StreamEvent.objects.get(code="room.marked")
    assert (happened.object_id, happened.actor_id, happened.request_id) == (room.pk, maria.pk, "request-of-maria")
    assert happened.payload["changes"] == {"condition": ["clean", "dirty"]}
    assert happened.business_date == room.property.business_date
    changed = StreamEvent.objects.filter(kind="changed", object_id=room.pk).latest("id")
    assert f"room_card:{room.pk}" in changed.touches


def test_marking_a_room_leaves_an_audit_entry_with_its_author(room: Room, maria: User) -> None:
    with act_as(via="web", user=maria, request_id="request-of-maria", address="10.0.0.9"):
        services.room_mark(room_id=room.pk, condition="dirty")

    entry = AuditEntry.objects.filter(object_pk=str(room.pk)).latest("id")
    assert entry.changes == {"condition": ["clean", "dirty"]}
    assert (entry.actor, entry.request_id, entry.remote_addr) == (maria, "request-of-maria", "10.0.0.9")
    assert entry.property_id == room.property_id


def test_marking_a_room_as_it_is_announces_nothing(room: Room) -> None:
    before = news_of(room.pk)

    services.room_mark(room_id=room.pk, condition="clean")

    assert news_of(room.pk) == before
    assert Room.objects.get(pk=room.pk).version == room.version


def test_two_people_who_mark_the_same_room_otherwise_meet_a_conflict(room: Room) -> None:
    seen = room.version
    services.room_mark(room_id=room.pk, condition="dirty", seen_version=seen)

    with pytest.raises(StaleVersion) as refused:
        services.room_mark(room_id=room.pk, condition="inspected", seen_version=seen)

    assert refused.value.conflicts == {"condition": ("inspected", "dirty")}
    assert Room.objects.get(pk=room.pk).condition == "dirty"


def test_another_change_of_the_room_does_not_stand_in_the_way_of_marking_it(room: Room) -> None:
    seen = room.version
    services.room_set_occupancy(room_id=room.pk, occupancy="occupied")

    services.room_mark(room_id=room.pk, condition="dirty", seen_version=seen)

    after = Room.objects.get(pk=room.pk)
    assert (after.condition, after.occupancy) == ("dirty", "occupied")


def test_an_unknown_condition_is_refused_and_changes_nothing(room: Room) -> None:
    before = news_of(room.pk)

    with pytest.raises(InvalidValue):
        services.room_mark(room_id=room.pk, condition="spotless")

    assert Room.objects.get(pk=room.pk).condition == "clean"
    assert news_of(room.pk) == before


def test_occupancy_is_news_of_its_own(room: Room) -> None:
    services.room_set_occupancy(room_id=room.pk, occupancy="occupied")

    event = StreamEvent.objects.get(code="room.occupancy_set")
    assert event.payload["changes"] == {"occupancy": ["vacant", "occupied"]}


def test_an_added_room_is_news_and_stands_in_human_order(hotel: Property) -> None:
    room = make_room(hotel=hotel, number="9")

    numbers = list(Room.objects.filter(property=hotel).order_by("sort_key").values_list("number", flat=True))
    assert numbers == ["9", "101", "102", "201", "501"]
    assert "room.added" in news_of(room.pk)


def test_a_number_is_given_once(hotel: Property, room: Room) -> None:
    with pytest.raises(errors.RoomNumberTaken) as refused:
        make_room(hotel=hotel, number="101")

    assert refused.value.field == "number"
    assert Room.objects.filter(property=hotel).count() == 4


def test_the_same_number_may_exist_in_another_hotel(hotel: Property, other_hotel: Property) -> None:
    assert Room.objects.filter(number="101").count() == 2


def test_a_room_takes_no_type_of_another_hotel(room: Room, other_hotel: Property) -> None:
    foreign = RoomType.objects.get(property=other_hotel, code="SUI")

    with pytest.raises(errors.RoomTypeNotInUse):
        services.room_change(room_id=room.pk, values={"room_type": foreign})

    assert Room.objects.get(pk=room.pk).room_type.code == "DBL"


def test_changes_of_different_fields_are_merged(room: Room) -> None:
    seen = room.version
    services.room_change(room_id=room.pk, values={"number": "111"}, seen_version=seen)

    services.room_change(
        room_id=room.pk,
        values={"number": "101", "floor": "ground"},
        originals={"number": "101", "floor": "1"},
        seen_version=seen,
    )

    after = Room.objects.get(pk=room.pk)
    assert (after.number, after.floor) == ("111", "ground")


def test_an_archived_room_keeps_its_history_and_takes_no_more_changes(room: Room) -> None:
    services.room_archive(room_id=room.pk)

    with pytest.raises(errors.RoomNotInUse):
        services.room_mark(room_id=room.pk, condition="dirty")
    after = Room.objects.get(pk=room.pk)
    assert after.archived_at is not None
    assert after.condition == "clean"
    assert news_of(room.pk).count("room.archived") == 1


def test_an_archived_room_keeps_its_number_and_comes_back_with_it_dirty(hotel: Property, room: Room) -> None:
    services.room_archive(room_id=room.pk)

    with pytest.raises(errors.RoomNumberTaken) as refused:
        services.room_add(property_id=hotel.pk, room_type_id=room.room_type_id, number="101")
    back = services.room_restore(room_id=room.pk)

    assert "Room 101 is archived." in refused.value.message
    assert (back.archived_at, back.condition, back.floor) == (None, "dirty", "1")
    assert news_of(room.pk).count("room.restored") == 1


def test_a_room_comes_back_without_the_floor_that_is_gone(hotel: Property, room: Room) -> None:
    floor = room.on_floor
    assert floor is not None
    for other in Room.objects.filter(on_floor=floor):
        services.room_archive(room_id=other.pk)
    floor_archive(floor_id=floor.pk)

    back = services.room_restore(room_id=room.pk)

    assert (back.on_floor, back.floor) == (None, "")


def test_a_room_of_a_type_that_is_gone_does_not_come_back(hotel: Property, room: Room) -> None:
    for other in Room.objects.filter(room_type_id=room.room_type_id):
        services.room_archive(room_id=other.pk)
    services.room_type_archive(room_type_id=room.room_type_id)

    with pytest.raises(errors.RoomTypeNotInUse):
        services.room_restore(room_id=room.pk)

    assert Room.objects.get(pk=room.pk).archived_at is not None


def test_an_occupied_room_is_not_archived(room: Room) -> None:
    services.room_set_occupancy(room_id=room.pk, occupancy="occupied")

    with pytest.raises(errors.RoomOccupied):
        services.room_archive(room_id=room.pk)

    assert Room.objects.get(pk=room.pk).archived_at is None


def test_a_room_that_does_not_exist_is_not_there(db: None) -> None:
    with pytest.raises(NotThere):
        services.room_mark(room_id=uuid.uuid4(), condition="clean")


def test_a_room_type_with_rooms_is_not_archived(hotel: Property) -> None:
    room_type = RoomType.objects.get(property=hotel, code="DBL")

    with pytest.raises(errors.RoomTypeInUse) as refused:
        services.room_type_archive(room_type_id=room_type.pk)

    assert refused.value.facts == {"rooms": 2}
    assert RoomType.objects.get(pk=room_type.pk).archived_at is None


def test_a_room_type_without_rooms_is_archived(hotel: Property) -> None:
    room_type = make_room_type(hotel=hotel)

    services.room_type_archive(room_type_id=room_type.pk)

    assert RoomType.objects.get(pk=room_type.pk).archived_at is not None
    assert StreamEvent.objects.filter(code="room_type.archived", object_id=room_type.pk).count() == 1


def test_an_archived_room_type_keeps_its_code_and_comes_back_with_it(hotel: Property) -> None:
    room_type = make_room_type(hotel=hotel)
    services.room_type_archive(room_type_id=room_type.pk)
    with pytest.raises(errors.RoomTypeCodeTaken) as taken:
        services.room_type_add(property_id=hotel.pk, code=room_type.code, name="Other")
    assert "is archived" in taken.value.message

    for _click in range(2):
        assert services.room_type_restore(room_type_id=room_type.pk).archived_at is None
    assert StreamEvent.objects.filter(code="room_type.restored", object_id=room_type.pk).count() == 1
    assert services.room_add(property_id=hotel.pk, room_type_id=room_type.pk, number="801").room_type == room_type


def test_a_room_type_code_is_given_once(hotel: Property) -> None:
    room_type = make_room_type(hotel=hotel)

    with pytest.raises(errors.RoomTypeCodeTaken):
        services.room_type_change(room_type_id=room_type.pk, values={"code": "DBL"})

    assert RoomType.objects.get(pk=room_type.pk).code == "TWN"


def test_a_changed_room_type_is_news(hotel: Property) -> None:
    room_type = make_room_type(hotel=hotel)

    services.room_type_change(room_type_id=room_type.pk, values={"name": "Twin beds"})

    event = StreamEvent.objects.get(code="room_type.changed", kind="happened")
    assert event.payload["changes"] == {"name": ["Twin", "Twin beds"]}


def test_the_audit_of_a_new_row_says_nothing_of_rows_that_point_to_it(hotel: Property) -> None:
    room_type = make_room_type(hotel=hotel)

    entry = AuditEntry.objects.get(object_pk=str(room_type.pk))

    assert "rooms" not in entry.changes
    assert entry.changes["code"][1] == "TWN"


def test_rooms_marked_together_leave_out_what_is_so_already_and_what_is_archived(hotel: Property, room: Room) -> None:
    dirty, gone = (make_room(hotel=hotel, condition=condition) for condition in ("dirty", "clean"))
    services.room_archive(room_id=gone.pk)
    news = StreamEvent.objects.filter(code="room.marked").count()

    marked = services.rooms_mark(room_ids=[room.pk, dirty.pk, gone.pk], condition="dirty")

    assert [one.pk for one in marked] == [room.pk]
    assert Room.objects.get(pk=gone.pk).condition == "clean"
    assert StreamEvent.objects.filter(code="room.marked").count() == news + 1


def test_rooms_are_not_marked_as_what_is_no_condition(room: Room) -> None:
    with pytest.raises(InvalidValue):
        services.rooms_mark(room_ids=[room.pk], condition="spotless")

    assert Room.objects.get(pk=room.pk).condition == "clean"
