"""Writing: once per key, merged with others, tried without a trace."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from pms.core.models import AuditEntry, IdempotencyRecord
from pms.events.models import StreamEvent
from properties.models import Property, Room, RoomType
from properties.services.hotels import hotel_change
from tests.api.partner import Partner, make_partner, problem
from tests.committed import committed

pytestmark = pytest.mark.urls("tests.api.probe")
TYPE = {"code": "NEW", "name": "New"}


def traces() -> list[int]:
    models = (RoomType, StreamEvent, AuditEntry, IdempotencyRecord)
    return [model._default_manager.count() for model in models]


def test_a_create_answers_201_with_the_place_and_the_version(petra: Partner) -> None:
    answer = petra.post("probe/types", TYPE, key="k-1")
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/properties/SEA/probe/types/{answer.json()['id']}"
    assert answer["ETag"] == '"1"'
    assert "Idempotent-Replayed" not in answer


def test_a_create_without_a_key_is_refused(petra: Partner) -> None:
    before = traces()
    problem(petra.post("probe/types", TYPE), 400, "idempotency_key_required")
    problem(petra.post("probe/types", TYPE, key="x" * 300), 400, "idempotency_key_required")
    assert traces() == before


def test_a_repeat_gets_the_first_answer(petra: Partner) -> None:
    first = petra.post("probe/types", TYPE, key="k-1")
    before = traces()
    again = petra.post("probe/types", json.dumps(TYPE, indent=3, sort_keys=True).encode(), key="k-1")
    assert (again.status_code, again.json(), again["ETag"]) == (201, first.json(), first["ETag"])
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert traces() == before


def test_a_key_for_another_request_is_refused(petra: Partner) -> None:
    petra.post("probe/types", TYPE, key="k-1")
    before = traces()
    problem(petra.post("probe/types", {**TYPE, "name": "Other"}, key="k-1"), 409, "idempotency_key_reused")
    problem(petra.post("rooms/101/condition", {"condition": "dirty"}, key="k-1"), 409, "idempotency_key_reused")
    assert traces() == before


def test_keys_of_two_clients_never_meet(petra: Partner, hotel: Property) -> None:
    other = make_partner([hotel], name="Other")
    assert petra.post("probe/types", TYPE, key="k-1").status_code == 201
    assert other.post("probe/types", {**TYPE, "code": "OWN"}, key="k-1").status_code == 201


def test_a_refusal_is_not_remembered(petra: Partner) -> None:
    before = traces()
    problem(petra.post("probe/types", {**TYPE, "code": "FAIL"}, key="k-1"), 423, "period_shut")
    assert traces() == before
    assert petra.post("probe/types", TYPE, key="k-1").status_code == 201


def test_an_action_takes_a_key_too(petra: Partner) -> None:
    first = petra.post("rooms/101/condition", {"condition": "dirty"}, key="k-2")
    petra.post("rooms/101/condition", {"condition": "clean"})
    again = petra.post("rooms/101/condition", {"condition": "dirty"}, key="k-2")
    assert again.json() == first.json()
    assert Room.objects.get(number="101").condition == "clean"


@pytest.mark.parametrize("path", ["probe/types", "rooms/101/condition"])
def test_a_dry_run_answers_and_leaves_no_trace(petra: Partner, path: str) -> None:
    body = TYPE if "types" in path else {"condition": "dirty"}
    before = traces()
    with committed(run=False) as callbacks:
        answer = petra.post(f"{path}?dry_run=true", body, key="k-1")
    assert (answer.status_code, answer["Dry-Run"]) == (200, "true")
    assert answer.json()["version"] == (1 if "types" in path else 2)
    assert "ETag" not in answer
    assert callbacks == []
    assert traces() == before
    assert petra.post(path, body, key="k-1").status_code in {200, 201}


def test_what_is_told_once_is_told_to_no_repeat_and_kept_nowhere(petra: Partner) -> None:
    trial = petra.post("probe/secret?dry_run=true", {})
    first = petra.post("probe/secret", {}, key="k-1")
    again = petra.post("probe/secret", {}, key="k-1")
    assert [answer.json() for answer in (trial, first, again)] == [{"n": 1}, {"n": 1, "secret": "s3cret"}, {"n": 1}]
    assert "s3cret" not in str(list(IdempotencyRecord.objects.values()))


def test_a_dry_run_refuses_as_the_act_would(petra: Partner) -> None:
    problem(petra.post("probe/types?dry_run=true", {**TYPE, "code": "FAIL"}), 423, "period_shut")
    problem(petra.post("probe/types?dry_run=true", {**TYPE, "code": "DBL"}), 409, "room_type_code_taken")
    problem(petra.post("probe/types?dry_run=perhaps", TYPE), 400, "unreadable")


def test_a_change_names_its_version(petra: Partner, hotel: Property) -> None:
    read = petra.get("")
    assert read["ETag"] == '"1"'
    answer = petra.patch("", {"name": "Seaside", "check_in_time": "16:00"}, seen=1)
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["name"], answer.json()["check_in_time"]) == ("Seaside", "16:00")
    assert answer.json()["check_out_time"] == "11:00"  # absent keeps
    hotel.refresh_from_db()
    assert hotel.version == 2


@pytest.mark.parametrize("seen", ['W/"1"', ' "1" '])
def test_a_weak_tag_is_understood(petra: Partner, seen: str) -> None:
    assert petra.patch("", {"name": "Seaside"}, seen=seen).status_code == 200


def test_the_version_may_stand_in_the_body(petra: Partner) -> None:
    assert petra.patch("", {"name": "Seaside", "version": 1}).status_code == 200
    problem(petra.patch("", {"name": "Lake", "version": 1}, seen=2), 400, "unreadable")


def test_428_without_a_version(petra: Partner, hotel: Property) -> None:
    problem(petra.patch("", {"name": "Seaside"}), 428, "version_required")
    for tag in ("*", "7", '"x"', '"1", "2"'):
        problem(petra.patch("", {"name": "Seaside"}, seen=tag), 400, "unreadable")
    hotel.refresh_from_db()
    assert hotel.version == 1


def test_another_field_is_merged(petra: Partner, hotel: Property) -> None:
    hotel_change(property_id=hotel.pk, values={"locale": "de"}, seen_version=1)
    answer = petra.patch("", {"name": "Seaside"}, seen=1)
    assert (answer.status_code, answer["ETag"]) == (200, '"3"')
    assert (answer.json()["locale"], answer.json()["name"]) == ("de", "Seaside")


def test_412_the_same_field(petra: Partner, hotel: Property) -> None:
    hotel_change(property_id=hotel.pk, values={"name": "Grand"}, seen_version=1)
    answer = petra.patch("", {"name": "Seaside", "locale": "de"}, seen=1)
    told = problem(answer, 412, "stale_version")
    assert told["changed_fields"] == ["name"]
    assert told["current"] == {"name": "Grand", "locale": "en"}
    assert (told["version"], answer["ETag"]) == (2, '"2"')
    hotel.refresh_from_db()
    assert (hotel.name, hotel.locale) == ("Grand", "en")


def test_412_tells_values_in_the_form_of_the_object(petra: Partner, hotel: Property) -> None:
    hotel_change(property_id=hotel.pk, values={"check_in_time": dt.time(17, 30)}, seen_version=1)
    told = problem(petra.patch("", {"check_in_time": "16:00"}, seen=1), 412, "stale_version")
    assert (told["changed_fields"], told["current"]) == (["check_in_time"], {"check_in_time": "17:30"})


def test_an_act_with_an_old_version_on_the_same_field_is_412(petra: Partner) -> None:
    petra.post("rooms/101/condition", {"condition": "dirty"})
    told = problem(petra.post("rooms/101/condition", {"condition": "inspected", "version": 1}), 412, "stale_version")
    assert told["current"] == {"condition": "dirty"}
    answer = petra.post("rooms/101/condition", {"condition": "inspected", "version": told["version"]})
    assert (answer.status_code, answer.json()["condition"]) == (200, "inspected")


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"currency": "USD"}, 400, "unknown_field"),
        ({"name": None}, 400, "unreadable"),
        ({"name": "x" * 151}, 400, "unreadable"),
        ({"locale": "tlh"}, 400, "unreadable"),
        ({"check_in_time": "25:00"}, 400, "unreadable"),
    ],
)
def test_what_a_hotel_never_takes(
    petra: Partner, hotel: Property, values: dict[str, Any], status: int, code: str
) -> None:
    problem(petra.patch("", values, seen=1), status, code)
    hotel.refresh_from_db()
    assert hotel.version == 1


def test_the_record_of_a_change_names_the_client_and_the_request(petra: Partner) -> None:
    answer = petra.post("rooms/101/condition", {"condition": "dirty"})
    entry = AuditEntry.objects.filter(object_repr="101").latest("id")
    assert (entry.actor_id, entry.via, entry.request_id) == (petra.client.user_id, "api", answer["X-Request-ID"])
