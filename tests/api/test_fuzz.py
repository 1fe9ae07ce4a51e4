"""Every described operation, fed with nonsense: no fault of ours, every refusal in one form, no row that was not meant.

It reads the description, so an operation that is added later is tried as well.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.test import Client

from pms.api.schema import described
from properties.models import Property
from tests.api.partner import MEMBERS, PROBLEM, Partner
from tests.committed import rolled_back

TRIES = 40
TEXTS = [
    "", " ", "a", "é" * 300, "😀", "\x01", "\u202e", "0001-01-01", "9999-12-31", "2026-02-30", "2026-03-14", "24:00",
    "1e5", "' OR 1=1 --", "<img src=x onerror=alert(1)>", "../../etc", "00000000-0000-0000-0000-000000000000", "clean",
]  # fmt: skip
MONEY = [{"amount": amount, "currency": "EUR"} for amount in ("1.00", "-0", "NaN", "1e9", "9" * 12, None)]
NUMBERS = [None, True, 0, -1, 1, 10**12, 10**30, 1.5, 1e308]
# Half a surrogate pair can be written in JSON and in no other way.
JUNK: list[Any] = [*TEXTS, *MONEY, *NUMBERS, "\ud83d", [], [[]], [None], {}, {"a": {"b": []}}, ["x"] * 50]
PLACES = ["SEA", "101", "999", "%00", "%F0%9F%98%80", "..%2f", "a" * 300, "0", "00000000-0000-0000-0000-000000000000"]
HEADERS = ['"1"', 'W/"1"', "*", '"x"', "", '"99999999"']


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, entry) for path, found in described()["paths"].items() for method, entry in found.items()]


def fields_of(entry: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    schema = entry.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return list(schema.get("properties", {}))


def nonsense(dice: random.Random, names: list[str]) -> Any:
    if dice.random() < 0.1:
        return dice.choice(JUNK)
    body = {name: dice.choice(JUNK) for name in names if dice.random() < 0.8}
    return {**body, dice.choice(["stowaway", "\ud83d", ""]): 1} if dice.random() < 0.1 else body


@pytest.mark.parametrize(
    ("path", "method", "entry"), operations(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_nonsense_is_refused_and_never_a_fault(
    petra: Partner, other_hotel: Property, path: str, method: str, entry: dict[str, Any]
) -> None:
    dice = random.Random(f"{method} {path}")
    client = Client(raise_request_exception=True)
    names = fields_of(entry, described()["components"]["schemas"])
    queries = [item["name"] for item in entry["parameters"] if item["in"] == "query"]
    for _ in range(TRIES):
        url = path.replace("{property_code}", "SEA" if dice.random() < 0.9 else dice.choice(PLACES))
        while "{" in url:
            url = url[: url.index("{")] + dice.choice(PLACES) + url[url.index("}") + 1 :]
        query = {name: str(dice.choice([*TEXTS, *NUMBERS])) for name in queries if dice.random() < 0.3}
        headers = {**petra.headers(), "If-Match": dice.choice(HEADERS), "Idempotency-Key": dice.choice(["", "k", "é"])}
        headers = {name: value for name, value in headers.items() if value and value.isascii()}
        with rolled_back():
            answer = client.generic(
                method.upper(),
                url,
                json.dumps(nonsense(dice, names)) if method != "get" else "",
                "application/json",
                headers=headers,
                query_params=query,
            )
        assert answer.status_code < 500, (url, query, answer.content)
        assert str(answer.status_code) in {*entry["responses"], "405", "413"}, (url, query, answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == PROBLEM
            assert set(json.loads(answer.content)) >= MEMBERS


def test_control_the_description_is_not_empty() -> None:
    assert len(operations()) >= 8
