"""Every change of a watched row is news, with the pieces of pages that show it, before and after."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from pms.accounts.models import User
from pms.core.acting import act_as
from pms.events import watch
from pms.events.models import StreamEvent
from properties.models import Membership, Property, Room
from tests.committed import committed
from tests.domain.core.given import make_hotel, make_room, make_type
from tests.domain.events.given import stream

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that shows a card per room, and a list of rooms per type."""
    monkeypatch.setattr(watch, "_touched", defaultdict(list))
    watch.touching(Room, lambda room: [f"room_card:{room.pk}"])
    watch.touching(Room, lambda room: [f"type_list:{room.room_type_id}", f"room_card:{room.pk}"])


def last_news(row: Any) -> StreamEvent:
    return StreamEvent.objects.filter(object_id=row.pk).latest("id")


def test_a_new_row_is_added_and_touches_its_pieces() -> None:
    room = make_room()

    news = last_news(room)

    assert (news.kind, news.code, news.object_type) == (StreamEvent.Kind.CHANGED, "room.added", "room")
    assert (news.property_id, news.version) == (room.property_id, 1)
    assert news.touches == [f"room_card:{room.pk}", f"type_list:{room.room_type_id}"]


def test_a_change_tells_who_did_it_and_from_where() -> None:
    room, hugo = make_room(), User.objects.create_user("hugo@example.com", name="Hugo")

    with act_as(via="web", user=hugo, request_id="request-0001"):
        room.floor = "3"
        room.save()

    news = last_news(room)
    assert (news.code, news.version) == ("room.changed", 2)
    assert (news.actor_id, news.via, news.request_id) == (hugo.pk, "web", "request-0001")


def test_a_row_moved_between_pieces_touches_both() -> None:
    room = make_room()
    old, new = room.room_type, make_type(room.property, code="SUI")

    room.room_type = new
    room.save()

    assert last_news(room).touches == [f"room_card:{room.pk}", f"type_list:{old.pk}", f"type_list:{new.pk}"]


def test_a_stale_row_touches_the_piece_that_shows_it_now() -> None:
    room = make_room()
    mine = Room.objects.get(pk=room.pk)
    new = make_type(room.property, code="SUI")
    room.room_type = new
    room.save()

    mine.floor = "3"
    mine.save()

    assert last_news(room).touches == [f"room_card:{room.pk}", f"type_list:{new.pk}"]


def test_a_deleted_row_touches_the_pieces_that_showed_it() -> None:
    room = make_room()
    pk, kind = room.pk, room.room_type_id

    Room.objects.all().delete()

    news = StreamEvent.objects.filter(object_id=pk).latest("id")
    assert (news.code, news.touches) == ("room.removed", [f"room_card:{pk}", f"type_list:{kind}"])


def test_a_row_moved_to_another_hotel_is_news_in_both() -> None:
    room, other = make_room(), make_hotel()
    old = room.property_id

    with committed():
        room.property = other
        room.save()

    assert [stream(hotel)[-1].object_id for hotel in (old, other.pk)] == [room.pk, room.pk]


def test_a_row_of_the_organization_is_news_in_each_of_its_hotels() -> None:
    first = make_hotel()
    second = make_hotel(organization=first.organization)
    stranger = make_hotel()

    with committed():
        first.organization.name = "New name"
        first.organization.save()

    assert [stream(hotel.pk)[-1].code for hotel in (first, second)] == ["organization.changed"] * 2
    assert stream(stranger.pk)[-1].code == "property.added"


def test_a_hotel_is_news_in_its_own_stream() -> None:
    hotel = make_hotel()

    assert (last_news(hotel).property_id, last_news(hotel).code) == (hotel.pk, "property.added")


def test_news_about_a_row_that_only_points_to_a_watched_one_are_its_own() -> None:
    hotel, hugo = make_hotel(), User.objects.create_user("hugo@example.com", name="Hugo")

    membership = Membership.objects.create(user=hugo, property=hotel, roles=["front_desk"])

    assert last_news(membership).touches == []
    assert Property.objects.get().version == 1


def test_people_are_not_watched() -> None:
    hugo = User.objects.create_user("hugo@example.com", name="Hugo")

    assert not StreamEvent.objects.filter(object_id=hugo.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_in_the_shell_is_news_too() -> None:
    room = make_room()

    room.floor = "3"
    room.save()

    assert [event.code for event in stream(room.property_id)] == [
        "property.added", "roomtype.added", "room.added", "room.changed",
    ]  # fmt: skip


def test_watching_twice_is_watching_once() -> None:
    watch.watch(Room)
    room = make_room()

    assert StreamEvent.objects.filter(object_id=room.pk).count() == 1
