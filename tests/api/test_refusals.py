"""Every status of the table in docs/api.md, each as problem+json."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from pms.api import problems
from properties.models import Property, Room
from tests.api.partner import MEMBERS, Partner, problem

pytestmark = pytest.mark.urls("tests.api.probe")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b"{", [""]),
        (b"[]", [""]),
        (b"\xff", [""]),
        (b'"x"', [""]),
        (b'{"condition": "shiny"}', ["condition"]),
        (b'{"condition": null}', ["condition"]),
        (b"{}", ["condition"]),
        (b'{"condition": "clean", "version": "x"}', ["version"]),
        (b'{"condition": {"a": 1}}', ["condition"]),
        (b"[" * 200_000, [""]),
        (b'{"condition": ' + b"9" * 5_000 + b"}", [""]),
    ],
)
def test_400_a_body_that_cannot_be_read(petra: Partner, room: Room, body: bytes, places: list[str]) -> None:
    told = problem(petra.send("POST", "rooms/101/condition", body), 400, "unreadable")
    assert [entry["field"] for entry in told["errors"]] in (places, [])
    room.refresh_from_db()
    assert (room.condition, room.version) == ("clean", 1)


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("api-clients", {"name": 5, "scopes": ["rooms.read"]}, "name"),
        ("api-clients", {"name": "Locks", "scopes": ["rooms.read", 1]}, "scopes.1"),
        ("api-clients", {"name": "Locks", "scopes": ["rooms.read"], "public": "yes"}, "public"),
        ("api-clients", {"name": "Locks", "scopes": ["rooms.read"], "rate_per_minute": "600"}, "rate_per_minute"),
        ("rooms/101/condition", {"condition": "dirty", "version": True}, "version"),
        ("rooms/101/condition", {"condition": "dirty", "version": 1.5}, "version"),
        ("jobs/room-conditions", {"lines": [{"room": 101, "condition": "dirty"}]}, "lines.0.room"),
    ],
)
def test_400_a_value_of_another_json_type(petra: Partner, room: Room, path: str, body: Any, place: str) -> None:
    told = problem(petra.post(f"{path}?dry_run=true", body, key="k"), 400, "unreadable")
    assert [entry["field"] for entry in told["errors"]] == [place]


def test_an_integer_may_be_written_with_a_point(petra: Partner, room: Room) -> None:
    assert petra.post("rooms/101/condition", {"condition": "dirty", "version": 1.0}).status_code == 200


def test_400_an_unknown_field(petra: Partner) -> None:
    told = problem(petra.post("rooms/101/condition", {"condition": "dirty", "colour": "red"}), 400, "unknown_field")
    assert [(entry["field"], entry["code"]) for entry in told["errors"]] == [("colour", "unknown_field")]


def test_400_an_unknown_field_inside_a_list(petra: Partner) -> None:
    body = {"code": "X", "name": "X", "people": [{"name": "A"}, {"name": "B", "age": 3}]}
    told = problem(petra.post("probe/types", body, key="k"), 400, "unknown_field")
    assert [entry["field"] for entry in told["errors"]] == ["people.1.age"]


@pytest.mark.parametrize(
    ("path", "method"),
    [("", "GET"), ("rooms", "GET"), ("rooms/101/condition", "POST"), ("events", "GET"), ("", "PATCH")],
)
def test_400_an_unknown_parameter(petra: Partner, path: str, method: str) -> None:
    answer = petra.send(method, f"{petra.url(path)}?colour=red", {} if method != "GET" else None)
    told = problem(answer, 400, "unknown_parameter")
    assert told["parameters"] == ["colour"]
    assert told["errors"][0]["field"] == "colour"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", "limit=", "limit=1&limit=2", "condition=shiny", "room_type=7", "cursor=%00"],
)
def test_400_a_parameter_that_cannot_be_read(petra: Partner, query: str) -> None:
    problem(petra.get(petra.url("rooms") + "?" + query), 400, "unreadable")


def test_404_the_same_for_all_that_is_not_there(petra: Partner) -> None:
    for path in ("rooms/999", "rooms/%00", "nothing", "/api/v1/nothing", "/api/v2", "/api/v1/properties/SEA/rooms/"):
        problem(petra.get(path), 404, "not_found")


def test_405_says_what_is_allowed(petra: Partner) -> None:
    answer = petra.send("DELETE", "rooms")
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"
    problem(petra.send("OPTIONS", "rooms"), 405, "method_not_allowed")


def test_406_only_json_is_spoken(petra: Partner) -> None:
    answer = petra.browser.get(petra.url("rooms"), headers={**petra.headers(), "Accept": "text/html"})
    problem(answer, 406, "not_acceptable")


def test_415_the_body_must_be_json(petra: Partner) -> None:
    answer = petra.browser.post(petra.url("rooms/101/condition"), {"condition": "dirty"}, headers=petra.headers())
    problem(answer, 415, "unsupported_media_type")


def test_422_readable_but_against_a_rule(petra: Partner) -> None:
    body = {"code": "X", "name": "X", "price": {"amount": "10.00", "currency": "USD"}}
    told = problem(petra.post("probe/types", body, key="k"), 422, "wrong_currency")
    assert (told["currency"], told["errors"][0]["field"]) == ("EUR", "price")
    body["price"] = {"amount": "10.005", "currency": "EUR"}
    problem(petra.post("probe/types", body, key="k"), 422, "invalid_value")


@pytest.mark.parametrize(
    "price", ["10.00", {"amount": 10, "currency": "EUR"}, {"amount": "1e3", "currency": "EUR"}, {}]
)
def test_400_money_in_another_form(petra: Partner, price: Any) -> None:
    body = {"code": "X", "name": "X", "price": price}
    problem(petra.post("probe/types", body, key="k"), 400, "unreadable")


@pytest.mark.parametrize("night", ["14.03.2026", "20260314", "2026-W11-6", "9999-12-31", "0001-01-01", 20260314])
def test_400_a_night_in_another_form(petra: Partner, night: Any) -> None:
    body = {"code": "X", "name": "X", "from_night": night}
    problem(petra.post("probe/types", body, key="k"), 400, "unreadable")


def test_nights_of_the_address_are_both_included(petra: Partner) -> None:
    answer = petra.get("probe/nights?from=2026-03-14&to=2026-03-14&children=7,12")
    assert answer.json() == {"first": "2026-03-14", "last": "2026-03-14", "children": [7, 12]}
    problem(petra.get("probe/nights?from=2026-03-14&to=2026-03-13"), 422, "invalid_value")
    problem(petra.get("probe/nights?from=2026-03-14"), 400, "unreadable")
    problem(petra.get("probe/nights?from=2026-03-14&to=2026-03-15&children=a"), 400, "unreadable")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("closed", 423, "period_shut"),
        ("busy", 503, "busy"),
        ("lock", 503, "busy"),
        ("database", 503, "database_away"),
        ("data", 422, "invalid_value"),
        ("large", 413, "content_too_large"),
        ("odd", 400, "unreadable"),
        ("fault", 500, "server_error"),
    ],
)
def test_trouble_below_is_told_in_the_same_form(petra: Partner, kind: str, status: int, code: str) -> None:
    answer = petra.get("probe/faults", kind=kind)
    told = problem(answer, status, code)
    assert "secret" not in json.dumps(told)
    assert (answer.headers.get("Retry-After") == "1") is (status == 503)


def test_facts_stand_beside_the_standard_members_and_hide_none(petra: Partner) -> None:
    told = problem(petra.get("probe/faults", kind="closed"), 423, "period_shut")
    assert set(told) - MEMBERS == {"day"}
    assert told["status"] == 423


def test_a_fault_is_raised_where_a_developer_looks(petra: Partner) -> None:
    client = Client()
    with pytest.raises(ZeroDivisionError):
        client.get(petra.url("probe/faults") + "?kind=fault", headers=petra.headers())


def test_a_fault_outside_the_view_is_told_in_the_same_form(petra: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_response", explode)
    told = json.loads(petra.get("rooms").content)
    assert told["code"] == "server_error"


def test_a_host_that_is_not_ours_is_told_in_the_same_form(petra: Partner) -> None:
    answer = petra.browser.get(petra.url("rooms"), headers={**petra.headers(), "Host": "evil.example"})
    problem(answer, 400, "unreadable")


def test_every_answer_says_that_nobody_may_keep_it(petra: Partner, hotel: Property) -> None:
    assert petra.get("rooms").headers["Cache-Control"] == "private, no-store"
    assert petra.get("nothing").status_code == 404


def test_the_page_of_codes_explains_every_code(client: Client, db: None) -> None:
    page = client.get("/api/v1/docs/errors").content.decode()
    for code in ("not_found", "rate_limited", "cursor_expired", "server_error", *problems.FRAMEWORK):
        assert f'id="{code}"' in page
    assert problems.type_uri("busy") == f"{settings.SITE_URL}/api/v1/docs/errors#busy"


def test_two_refusals_in_a_row_do_not_share_a_request_id(petra: Partner) -> None:
    ids: Callable[[], str] = lambda: petra.get("nothing").json()["request_id"]  # noqa: E731
    assert ids() != ids()
