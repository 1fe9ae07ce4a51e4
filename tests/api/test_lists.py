"""Lists in pages: nothing twice, nothing lost, whatever happens between two pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from properties.models import Property, Room, RoomType
from properties.services import room_type_add
from properties.services.rooms import room_add, room_archive
from tests.api.partner import Partner, problem

pytestmark = pytest.mark.urls("tests.api.probe")


@pytest.fixture
def house(hotel: Property) -> Property:
    """SEA with 23 more rooms: 27 in all."""
    double = RoomType.objects.get(property=hotel, code="DBL")
    for number in range(1, 24):
        room_add(property_id=hotel.pk, room_type_id=double.pk, number=str(number))
    return hotel


def follow(partner: Partner, path: str, **query: Any) -> list[list[str]]:
    """Return the room numbers of all pages."""
    pages, answer = [], partner.get(path, **query).json()
    while True:
        pages.append([row["number"] for row in answer["results"]])
        if answer["next"] is None:
            return pages
        answer = partner.get(answer["next"].removeprefix("http://testserver")).json()


def test_pages_hold_every_room_once_in_the_order_of_people(petra: Partner, house: Property) -> None:
    pages = follow(petra, "rooms", limit=10)
    assert [len(page) for page in pages] == [10, 10, 7]
    assert [number for page in pages for number in page] == [*map(str, range(1, 24)), "101", "102", "201", "501"]


def test_a_last_page_that_is_just_full_has_no_next(petra: Partner, hotel: Property) -> None:
    answer = petra.get("rooms", limit=4).json()
    assert (len(answer["results"]), answer["next"]) == (4, None)


def test_rows_that_come_and_go_between_pages_shift_nothing(petra: Partner, house: Property) -> None:
    first = petra.get("rooms", limit=10).json()
    double = RoomType.objects.get(property=house, code="DBL")
    room_add(property_id=house.pk, room_type_id=double.pk, number="0")  # before: belongs to a page already read
    room_add(property_id=house.pk, room_type_id=double.pk, number="12A")  # after: is still to come
    room_archive(room_id=Room.objects.get(property=house, number="10").pk)  # the very row the cursor names
    room_archive(room_id=Room.objects.get(property=house, number="5").pk)
    second = petra.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["number"] for row in first["results"]] == [*map(str, range(1, 11))]
    assert [row["number"] for row in second["results"]] == ["11", "12", "12A", *map(str, range(13, 20))]


def test_next_keeps_filters_and_limit(petra: Partner, house: Property) -> None:
    petra.post("rooms/3/condition", {"condition": "dirty"})
    following = petra.get("rooms", limit=2, condition="clean").json()["next"]
    query = parse_qs(urlsplit(following).query)
    assert (query["limit"], query["condition"]) == (["2"], ["clean"])
    assert "3" not in [number for page in follow(petra, "rooms", limit=2, condition="clean") for number in page]


def test_equal_ranks_and_moments_in_both_directions(petra: Partner, hotel: Property) -> None:
    for number in range(7):
        room_type_add(property_id=hotel.pk, code=f"T{number}", name="T", rank=10 + number % 2)
    seen, answer = [], petra.get("probe/types", limit=3).json()
    while True:
        seen += [row["code"] for row in answer["results"]]
        if answer["next"] is None:
            break
        answer = petra.get(answer["next"].removeprefix("http://testserver")).json()
    expected = RoomType.objects.filter(property=hotel).order_by("-rank", "-created_at", "id")
    assert seen == [room_type.code for room_type in expected]


def test_a_computed_list_is_paged_as_well(petra: Partner) -> None:
    first = petra.get("probe/computed", limit=4).json()
    second = petra.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["n"] for row in first["results"] + second["results"]] == [1, 2, 3, 4, 5, 6, 7]
    assert second["next"] is None


@pytest.mark.parametrize("change", ["cut", "other filter", "other list", "made up"])
def test_a_cursor_that_this_list_did_not_give_is_refused(petra: Partner, house: Property, change: str) -> None:
    following = urlsplit(petra.get("rooms", limit=2).json()["next"])
    cursor = parse_qs(following.query)["cursor"][0]
    path, query = {
        "cut": ("rooms", {"cursor": cursor[:-2]}),
        "other filter": ("rooms", {"cursor": cursor, "condition": "dirty"}),
        "other list": ("room-types", {"cursor": cursor}),
        "made up": ("rooms", {"cursor": "MTIz:abc"}),
    }[change]
    told = problem(petra.get(path, **query), 400, "cursor_invalid")
    assert told["errors"][0]["field"] == "cursor"


def test_a_list_asks_the_database_the_same_number_of_times_for_any_length(
    petra: Partner, house: Property, django_assert_max_num_queries: Any
) -> None:
    petra.get("rooms")
    with django_assert_max_num_queries(4):  # token and client, hotel, rights (cached), rooms
        assert len(petra.get("rooms").json()["results"]) == 27


def test_what_rooms_and_types_look_like(petra: Partner, hotel: Property, room: Room) -> None:
    assert petra.get("rooms/101").json() == {
        "id": str(room.pk),
        "number": "101",
        "room_type": str(room.room_type_id),
        "floor": room.floor,
        "section": None,
        "features": [],
        "parts": [],
        "part_of": None,
        "condition": "clean",
        "occupancy": "vacant",
        "service_state": "in_service",
        "version": 1,
        "actions": [{"name": "condition", "allowed": True, "reasons": []}],
    }
    types = petra.get("room-types").json()["results"]
    double = next(row for row in types if row["code"] == "DBL")
    assert double | {"id": ""} == {
        "id": "",
        "code": "DBL",
        "name": "Double",
        "rank": double["rank"],
        "max_adults": 2,
        "max_children": 1,
        "max_occupancy": None,
        "extra_beds": 0,
        "cots": 0,
        "features": [],
        "description": "",
        "photos": [],
        "rooms_count": 2,
        "version": 1,
    }


def test_what_a_hotel_looks_like(petra: Partner, hotel: Property) -> None:
    assert petra.get("").json() == {
        "id": str(hotel.pk),
        "code": "SEA",
        "name": "Seaside Hotel",
        "address": "",
        "street": "",
        "postal_code": "",
        "city": "",
        "country": "",
        "phone": "",
        "email": "",
        "website": "",
        "tax_number": "",
        "age_bands": [],
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "locale": "en",
        "business_date": "2026-03-14",
        "check_in_time": "15:00",
        "check_out_time": "11:00",
        "version": 1,
    }
