"""What holds for every operation, found in the declarations: a new one is tried as well."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.http import http_date
from drf_spectacular.generators import SchemaGenerator

from pms.api.base import ApiView
from pms.api.operations import Deprecated, Operation, operation
from tests.api.partner import Partner, problem
from tests.api.test_description import OPEN, api_routes

SOME_ID = "01a2032c-4246-763c-a6c2-f4b84bfad119"
# Fields and header names of draft-ietf-httpapi-ratelimit-headers, and of the drafts before it.
RATE = {
    "RateLimit-Policy": r'"client";q=6000;w=60',
    "RateLimit": r'"client";r=\d+;t=\d+',
    "RateLimit-Limit": "6000",
    "RateLimit-Remaining": r"\d+",
    "RateLimit-Reset": r"\d+",
}


def declared() -> Iterator[tuple[str, str, Operation, type[ApiView]]]:
    """Return path, method, declaration and view of every operation."""
    for path, view in api_routes():
        if view not in OPEN:
            for method, entry in view.cls.operations.items():
                yield "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", path), method, entry, view.cls


OPERATIONS = [pytest.param(*found, id=f"{found[1]} {found[0]}") for found in declared()]


@pytest.mark.parametrize(("path", "method", "entry", "view"), OPERATIONS)
def test_a_parameter_that_nobody_knows_is_refused(
    petra: Partner, path: str, method: str, entry: Operation, view: type[ApiView]
) -> None:
    url = re.sub(r"{\w+}", SOME_ID, path.replace("{property_code}", "SEA").replace("{side}", "480"))
    answer = petra.send(method, f"{url}?colour=red", None if method == "GET" else {})
    told = problem(answer, 400, "unknown_parameter")
    assert told["errors"][0]["field"] == "colour"
    for name, form in RATE.items():
        assert re.fullmatch(form, answer[name]), name


def test_every_act_and_every_change_can_be_tried_without_doing_it() -> None:
    without = [(method, path) for path, method, entry, _view in declared() if method in {"POST", "PUT", "PATCH"}
               and not entry.dry_run]  # fmt: skip
    assert without == []


def test_every_object_lists_its_actions_by_the_names_of_their_addresses() -> None:
    """`POST …/{id}/check-in` is the action `check_in` of the object at `…/{id}`."""
    found = {(path, method): entry for path, method, entry, _view in declared()}
    seen = 0
    for path, method in found:
        parent, _, last = path.rpartition("/")
        if method != "POST" or not parent.endswith("}") or (parent, "GET") not in found or last.endswith("}"):
            continue
        if parent.endswith("{property_code}"):
            continue  # a list of the hotel, such as its bookings
        seen += 1
        output: Any = found[parent, "GET"].output
        assert output is not None and "actions" in output().fields, f"{parent} does not list its actions."
    assert seen >= 12


def test_deprecated_operations_say_since_when_and_until_when(petra: Partner, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.api.probe"
    answer = petra.get("probe/old")
    assert (answer.status_code, answer.json()) == (200, {"n": 1})
    assert answer["Deprecation"] == f"@{int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp())}"
    assert answer["Sunset"] == http_date(dt.datetime(2027, 2, 1, tzinfo=dt.UTC).timestamp())
    assert 'rel="deprecation"' in answer["Link"]
    refused = petra.get("probe/old", colour="red")
    assert refused["Deprecation"] == answer["Deprecation"]
    assert "Deprecation" not in petra.get("rooms")
    generator: Any = SchemaGenerator
    described = generator(urlconf="tests.api.probe").get_schema(request=None, public=True)
    entry = described["paths"]["/api/v1/properties/{property_code}/probe/old"]["get"]
    assert entry["deprecated"] is True and "2027-02-01" in entry["description"]


def test_partners_get_a_year_to_move() -> None:
    short = Deprecated(dt.date(2026, 1, 1), dt.date(2026, 12, 1), "`GET …/rooms`")

    def get() -> None: ...

    with pytest.raises(TypeError, match="at least 365 days"):
        operation(summary="x", scope="rooms.read", deprecated=short)(get)
