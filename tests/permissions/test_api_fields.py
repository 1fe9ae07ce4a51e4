"""Every answer of the API × every standard role: which fields a program is given that acts for somebody in it.

One person in each role lets an app do all that it asks for; what it is answered is compared with
tests/permissions/api_fields.txt (`UPDATE_DOCS=1` writes it anew: read the difference, it says who is told more or less
than before). A field is named where it stands: `results[].total.amount`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pms.accounts.registry import ROLES
from pms.api import scopes
from pms.api.schema import described
from tests.api.apps import App, signed_in
from tests.permissions.house import House
from tests.permissions.questions import Ask, addressed
from tests.permissions.test_every_role import KINDS, in_role

TABLE = Path(__file__).with_name("api_fields.txt")
EVERYTHING = " ".join(scopes.registered())
WITHOUT_ROW = 404  # no row of this kind in the house: its list shows the same fields
# What a list asks for before it answers.
ASKED: Mapping[str, str] = {
    "availability": "?from=2026-03-16&to=2026-03-18",
    "offers": "?arrival=2026-03-17&departure=2026-03-19&adults=2",
    "ledgers": "?date=2026-03-15",
    "events": "?after=0",
}
MONEY = re.compile(r"amount|price|balance|total|rate_plan")


def fields(value: Any, at: str = "") -> Iterator[str]:
    """Yield the name of each field of an answer, whatever it holds."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from fields(part, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for part in value:
            yield from fields(part, f"{at}[]")
    if not isinstance(value, dict | list) or not value:
        yield at


def paths() -> list[str]:
    """Return what can be read at a hotel, as described."""
    return [path for path, found in described()["paths"].items() if "{property_code}" in path and "get" in found]


def token_for(house: House, role: str) -> tuple[App, str]:
    """Return an app that somebody in this role let do everything, and its token."""
    user = in_role(house, role)
    app = App([house.sea.row], EVERYTHING)
    held = app.exchange(app.code(signed_in(user), [house.sea.row], EVERYTHING)).json()
    return app, str(held["access_token"])


def read(house: House, role: str) -> tuple[dict[str, Any], str]:
    """Return the fields (or the refusal) of each answer by its path, and all answers as one text."""
    app, token = token_for(house, role)
    found: dict[str, Any] = {}
    texts = []
    own = addressed(house, house.sea.job.pk)
    for path in paths():
        name = path.removeprefix("/api/v1/properties/{property_code}").strip("/") or "(hotel)"
        answer = app.get(token, Ask("GET", path, own).url + ASKED.get(name, ""))
        assert answer.status_code in {200, 403, WITHOUT_ROW}, (path, answer.content[:500])
        if answer.status_code == 200 and answer["Content-Type"].startswith("application/json"):
            texts.append(answer.content.decode())
            found[name] = sorted(set(fields(json.loads(answer.content))))
        elif answer.status_code != WITHOUT_ROW:
            found[name] = "a file" if answer.status_code == 200 else "refused"
    return found, "\n".join(texts)


def drawn(told: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table: each answer with all its fields, then what each role is told of it."""
    lines = []
    for name in sorted({name for found in told.values() for name in found}):
        of_roles = {role: found.get(name, "refused") for role, found in told.items()}
        every = sorted({field for told_of in of_roles.values() if isinstance(told_of, list) for field in told_of})
        by_what: dict[str, list[str]] = {}
        for role, told_of in of_roles.items():
            by_what.setdefault(_short(told_of, every), []).append(role)
        lines += [name, *(f"    {field}" for field in every)]
        lines += [f"  {what}: {', '.join(roles)}" for what, roles in by_what.items()]
    return "\n".join(lines) + "\n"


def _short(told: Any, every: list[str]) -> str:
    if not isinstance(told, list):
        return str(told)
    missing = [field for field in every if field not in told]
    return f"without {', '.join(missing)}" if missing else "all"


@pytest.fixture
def told(marked: House) -> dict[str, tuple[dict[str, Any], str]]:
    """What each role is told."""
    return {role: read(marked, role) for role in ROLES}


def test_each_role_is_told_what_the_table_says(told: dict[str, tuple[dict[str, Any], str]]) -> None:
    table = drawn({role: found for role, (found, _text) in told.items()})
    if os.environ.get("UPDATE_DOCS"):
        TABLE.write_text(table)

    assert table == TABLE.read_text(), "Somebody's programs are told more, or less, than before."


@pytest.mark.parametrize("role", ["housekeeper", "housekeeping_supervisor", "maintenance"])
def test_who_works_in_the_rooms_is_told_neither_guests_nor_prices(marked: House, role: str) -> None:
    found, text = read(marked, role)

    assert [kind for kind in ("name", "mail", "phone") if KINDS[kind].search(text)] == []
    assert [field for of_answer in found.values() for field in of_answer if MONEY.search(field)] == []
    assert "number" in text, "the control: something is told"


def test_control_a_field_more_and_a_field_less_are_seen() -> None:
    before = {"owner": {"rooms": ["number"]}, "auditor": {"rooms": ["number"]}}
    more = {"owner": {"rooms": ["number", "price"]}, "auditor": {"rooms": ["number"]}}

    assert drawn(more) != drawn(before)
    assert "  without price: auditor\n" in drawn(more)
    assert set(fields({"a": [{"b": 1}, {"c": []}]})) == {"a[].b", "a[].c"}


def test_control_the_desk_is_told_names_and_money(marked: House) -> None:
    _found, text = read(marked, "front_desk")

    assert KINDS["name"].search(text) and KINDS["mail"].search(text) and '"amount":"120.00"' in text.replace(" ", "")
