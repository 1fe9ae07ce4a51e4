"""The public feed: what happened, to those who may read it, with nothing lost unnoticed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from django.db import connection
from django.utils.module_loading import module_has_submodule

from pms.api import scopes
from pms.events.base import Event
from pms.events.models import StreamEvent, StreamHead
from properties.models import Property, Room
from properties.services.rooms import room_mark
from tests.api.partner import Partner, problem
from tests.committed import committed

MakePartner = Callable[..., Partner]


def mark(room: Room, *conditions: str) -> None:
    for condition in conditions:
        with committed():
            room_mark(room_id=room.pk, condition=condition)


def feed(partner: Partner, **query: Any) -> dict[str, Any]:
    answer = partner.get("events", **query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


@pytest.fixture
def start(petra: Partner, room: Room) -> int:
    """The head before anything happens."""
    with committed():
        pass
    return int(feed(petra)["head"])


def test_what_happened_is_told_in_order(petra: Partner, room: Room, start: int) -> None:
    mark(room, "dirty", "clean")
    told = feed(petra, after=start)
    assert [event["changes"] for event in told["results"]] == [
        {"condition": ["clean", "dirty"]},
        {"condition": ["dirty", "clean"]},
    ]
    event = told["results"][0]
    assert event | {"seq": 0, "occurred_at": "", "request_id": ""} == {
        "seq": 0,
        "epoch": told["epoch"],
        "type": "room.marked",
        "occurred_at": "",
        "business_date": "2026-03-14",
        "object": {"type": "room", "id": str(room.pk), "version": 2},
        "changes": {"condition": ["clean", "dirty"]},
        "actor": None,
        "request_id": "",
    }
    assert event["occurred_at"].endswith("Z")
    assert start < told["results"][0]["seq"] < told["results"][1]["seq"] <= told["head"]


def test_only_what_happened_is_told_not_every_changed_row(petra: Partner, room: Room, start: int) -> None:
    mark(room, "dirty")
    assert StreamEvent.objects.filter(seq__gt=start).count() == 2  # the changed row and what happened
    assert [event["type"] for event in feed(petra, after=start)["results"]] == ["room.marked"]


def test_the_actor_of_the_api_is_its_service_user(petra: Partner, start: int) -> None:
    with committed():
        answer = petra.post("rooms/101/condition", {"condition": "dirty"})
    event = feed(petra, after=start)["results"][0]
    assert (event["actor"], event["request_id"]) == (str(petra.client.user_id), answer["X-Request-ID"])


def test_reading_on_with_next_after_finds_all_once(petra: Partner, room: Room, start: int) -> None:
    mark(room, "dirty", "clean", "inspected", "dirty", "clean")
    seen, after = [], start
    while True:
        told = feed(petra, after=after, limit=2)
        seen += [event["changes"]["condition"][1] for event in told["results"]]
        if told["next_after"] == after:
            break
        after = told["next_after"]
    assert seen == ["dirty", "clean", "inspected", "dirty", "clean"]
    assert after == told["head"]


def test_events_about_objects_without_their_scope_are_not_told(
    partner_with: MakePartner, room: Room, start: int
) -> None:
    mark(room, "dirty")
    for scope, types in (
        ("events.read", set()),
        ("events.read rooms.read", {"room", "room_type"}),
        ("events.read properties.read", {"property"}),
    ):
        told = feed(partner_with(scope, name=scope))
        assert {event["object"]["type"] for event in told["results"]} == types


def test_events_about_staff_are_told_to_nobody(petra: Partner, hotel: Property, start: int) -> None:
    assert StreamEvent.objects.filter(code="staff.added").exists()
    assert "staff.added" not in {event["type"] for event in feed(petra)["results"]}


def test_events_of_another_hotel_are_not_told(petra: Partner, other_hotel: Property, start: int) -> None:
    problem(petra.get("/api/v1/properties/LAK/events"), 404, "not_found")
    assert {event["object"]["id"] for event in feed(petra)["results"]}.isdisjoint({str(other_hotel.pk)})


def test_another_epoch_is_409(petra: Partner, start: int) -> None:
    epoch = feed(petra)["epoch"]
    assert feed(petra, after=start, epoch=epoch)["epoch"] == epoch
    told = problem(petra.get("events", after=start, epoch=str(uuid.uuid4())), 409, "epoch_changed")
    assert (told["epoch"], told["head"]) == (epoch, start)
    # A number that was never given tells of a restored database even without an epoch.
    problem(petra.get("events", after=start + 1), 409, "epoch_changed")


def test_forgotten_events_are_410(petra: Partner, room: Room, hotel: Property, start: int) -> None:
    mark(room, "dirty", "clean")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_delivery")
        cursor.execute("DELETE FROM events_streamevent WHERE property_id = %s AND seq <= %s", [hotel.pk, start + 2])
    told = problem(petra.get("events", after=start), 410, "cursor_expired")
    assert told["head"] == StreamHead.objects.get(property_id=hotel.pk).seq
    assert len(feed(petra, after=start + 2)["results"]) == 1
    assert len(feed(petra)["results"]) == 1  # without a number: from the oldest kept


def test_an_old_event_that_is_still_owed_hides_no_gap_behind_it(
    petra: Partner, room: Room, hotel: Property, start: int
) -> None:
    """It outlives its neighbours: whoever read up to it has missed what was forgotten after it."""
    mark(room, "dirty", "clean", "dirty")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_delivery")
        gone = "DELETE FROM events_streamevent WHERE property_id = %s AND seq BETWEEN %s AND %s"
        cursor.execute(gone, [hotel.pk, start + 3, start + 4])
    problem(petra.get("events", after=start), 410, "cursor_expired")
    assert feed(petra, after=start, limit=1)["next_after"] == start + 2  # so far all is there
    problem(petra.get("events", after=start + 2), 410, "cursor_expired")
    told = feed(petra)  # without a number: from where on nothing is missing
    assert [event["seq"] for event in told["results"]] == [start + 6]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999"])
def test_a_number_that_is_none(petra: Partner, after: str) -> None:
    problem(petra.get("events", after=after), 400, "unreadable")


def test_a_hotel_without_news(petra: Partner, hotel: Property, start: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_delivery")
        cursor.execute("DELETE FROM events_streamevent")
    told = feed(petra)
    assert (told["results"], told["head"], told["next_after"]) == ([], start, start)


def test_every_event_has_readers_or_is_private() -> None:
    silent = {
        f"{event.__name__} ({event.object_type})"
        for event in Event.catalogue.values()
        if has_public_api(event.__module__.partition(".")[0])
        and event.object_type not in scopes.object_types_declared()
    }
    assert not silent, f"Say in <app>/api/scopes.py who may read events about {sorted(silent)}, or keep them private."


def has_public_api(app: str) -> bool:
    return find_spec(app) is not None and module_has_submodule(import_module(app), "api.scopes")


def test_control_an_app_with_a_public_api_is_seen() -> None:
    assert has_public_api("properties")
    assert not has_public_api("allauth")
