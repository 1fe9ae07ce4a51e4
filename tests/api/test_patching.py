"""PATCH of every object: the version asked for, others' work kept, null clears, tried without a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties.models import Property, Section
from properties.services.places import section_add
from reservations.models import RatePlan
from tests.api.partner import Partner, make_partner, problem
from tests.api.patched import ONE_FIELD, PATCHED, addresses
from tests.committed import commit

ROOT = Path(__file__).resolve().parents[2]
EVERY_OBJECT = pytest.mark.parametrize("kind", sorted(PATCHED))


@pytest.fixture
def petra(hotel_for_sale: Property) -> Partner:
    return make_partner([hotel_for_sale])


@pytest.fixture
def where(hotel_for_sale: Property) -> dict[str, str]:
    return addresses(hotel_for_sale)


def version_of(petra: Partner, path: str) -> int:
    answer = petra.get(path)
    assert answer["ETag"] == f'"{answer.json()["version"]}"'
    return int(answer.json()["version"])


def test_a_version_from_before_a_restore_is_412(petra: Partner, hotel_for_sale: Property) -> None:
    now = version_of(petra, "")
    told = problem(petra.patch("", {"name": "Seaside"}, seen=now + 1), 412, "stale_version")
    assert (told["changed_fields"], told["current"]) == (["name"], {"name": hotel_for_sale.name})
    assert told["version"] == now == version_of(petra, "")


def test_every_patch_of_the_description_is_here(where: dict[str, str]) -> None:
    below = "/api/v1/properties/{property_code}"
    paths = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    described = {path.removeprefix(below).strip("/") for path, acts in paths.items() if "patch" in acts} - ONE_FIELD
    tested = {path.rpartition("/")[0] for path in where.values() if not path.startswith("/")} | {""}

    assert {path.rpartition("/")[0] for path in described} == tested


@EVERY_OBJECT
def test_without_a_version_nothing_is_saved(petra: Partner, where: dict[str, str], kind: str) -> None:
    (name, (value, _)), *_rest = PATCHED[kind].fields.items()
    before = version_of(petra, where[kind])
    problem(petra.patch(where[kind], {name: value}), 428, "version_required")
    problem(petra.patch(where[kind], {name: value}, seen="*"), 400, "unreadable")
    assert version_of(petra, where[kind]) == before


@EVERY_OBJECT
def test_a_change_keeps_what_is_absent_and_leaves_an_entry_and_an_event(
    petra: Partner, where: dict[str, str], kind: str
) -> None:
    first, second = PATCHED[kind].names
    was = petra.get(where[kind]).json()
    value = PATCHED[kind].fields[first][0]

    answer = petra.patch(where[kind], {first: value}, seen=was["version"])

    now = answer.json()
    assert (answer.status_code, answer["ETag"]) == (200, f'"{was["version"] + 1}"')
    assert (now[first], now[second]) == (value, was[second])
    commit(run=False)
    told = StreamEvent.objects.filter(code=PATCHED[kind].event).latest("pk")
    assert (str(told.object_id), told.payload["changes"][first]) == (was["id"], [was[first], value])
    entry = AuditEntry.objects.filter(request_id=answer["X-Request-ID"]).latest("pk")
    assert (entry.actor_id, entry.via, entry.changes[first]) == (petra.client.user_id, "api", [was[first], value])


@EVERY_OBJECT
def test_other_fields_are_merged_and_the_same_field_is_refused(
    petra: Partner, where: dict[str, str], kind: str
) -> None:
    first, second = PATCHED[kind].names
    (mine, theirs), (other, _) = PATCHED[kind].fields[first], PATCHED[kind].fields[second]
    seen = version_of(petra, where[kind])
    path = where[kind]
    assert petra.patch(path, {second: other}, seen=seen).status_code == 200

    merged = petra.patch(path, {first: theirs}, seen=seen)
    assert (merged.status_code, merged["ETag"]) == (200, f'"{seen + 2}"')
    assert (merged.json()[first], merged.json()[second]) == (theirs, other)

    path = path.replace("rooms/101", f"rooms/{theirs}")
    answer = petra.patch(path, {first: mine}, seen=seen)
    told = problem(answer, 412, "stale_version")
    assert (told["changed_fields"], told["current"], told["version"]) == ([first], {first: theirs}, seen + 2)
    assert answer["ETag"] == f'"{seen + 2}"'
    assert petra.get(path).json()[first] == theirs


@pytest.mark.parametrize("kind", [kind for kind, one in PATCHED.items() if one.cleared])
def test_null_clears(petra: Partner, where: dict[str, str], kind: str) -> None:
    assert PATCHED[kind].cleared is not None
    name, value, empty = PATCHED[kind].cleared
    filled = petra.patch(where[kind], {name: value}, seen=version_of(petra, where[kind])).json()
    assert filled[name] == value

    answer = petra.patch(where[kind], {name: None}, seen=filled["version"])

    assert (answer.status_code, answer.json()[name]) == (200, empty)


@EVERY_OBJECT
def test_a_trial_saves_nothing_and_refuses_as_the_change_would(
    petra: Partner, where: dict[str, str], kind: str
) -> None:
    first, _second = PATCHED[kind].names
    mine, theirs = PATCHED[kind].fields[first]
    seen = version_of(petra, where[kind])

    answer = petra.patch(f"{where[kind]}?dry_run=true", {first: mine}, seen=seen)

    assert (answer.status_code, answer["Dry-Run"], answer.json()[first]) == (200, "true", mine)
    assert version_of(petra, where[kind]) == seen
    path = where[kind].replace("rooms/101", f"rooms/{theirs}")
    petra.patch(where[kind], {first: theirs}, seen=seen)
    problem(petra.patch(f"{path}?dry_run=true", {first: mine}, seen=seen), 412, "stale_version")


@EVERY_OBJECT
def test_nobody_changes_what_the_scope_only_reads(
    partner_with: Callable[..., Partner], petra: Partner, where: dict[str, str], kind: str
) -> None:
    first, _second = PATCHED[kind].names
    reads = "properties.read rooms.read rooms.write rates.read reservations.read"
    answer = partner_with(reads).patch(where[kind], {first: PATCHED[kind].fields[first][0]}, seen=1)
    assert problem(answer, 403, "insufficient_scope")["scope"] == PATCHED[kind].scope


def test_what_colleagues_write_about_a_guest_is_told_to_no_partner(petra: Partner, where: dict[str, str]) -> None:
    petra.patch(where["booking"], {"notes": "Comes with a dog"}, seen=version_of(petra, where["booking"]))
    commit(run=False)
    assert not StreamEvent.objects.filter(code="booking.changed").latest("pk").payload.get("changes")


def test_codes_and_numbers_that_are_taken(petra: Partner, where: dict[str, str]) -> None:
    for path, body, code in (
        ("room_type", {"code": "SUI"}, "room_type_code_taken"),
        ("room", {"number": "102"}, "room_number_taken"),
        ("rate_plan", {"code": "BB"}, "rate_plan_code_taken"),
    ):
        problem(petra.patch(where[path], body, seen=version_of(petra, where[path])), 409, code)
    assert RatePlan.objects.filter(code="BB").count() == 1


@pytest.mark.parametrize("name", ["section", "room_type"])
def test_another_hotels_row_is_told_as_one_that_is_not_there(
    petra: Partner, where: dict[str, str], other_hotel: Property, name: str
) -> None:
    theirs: Any = section_add(property_id=other_hotel.pk, name="North")
    if name == "room_type":
        theirs = other_hotel.room_types.first()
    seen = version_of(petra, where["room"])
    nowhere = "01a2032c-4246-763c-a6c2-f4b84bfad119"

    told = [petra.patch(where["room"], {name: str(pk)}, seen=seen).json() for pk in (theirs.pk, nowhere)]

    for one in told:
        assert one.pop("request_id")
    assert told[0] == told[1]
    assert told[0]["status"] in {409, 422}
    assert version_of(petra, where["room"]) == seen


def test_a_room_moves_to_another_section_and_type(petra: Partner, where: dict[str, str], hotel: Property) -> None:
    section: Section = section_add(property_id=hotel.pk, name="North")
    suite = petra.get("room-types", code="SUI").json()["results"][0]["id"]

    answer = petra.patch("rooms/102", {"section": str(section.pk), "room_type": suite}, seen=1)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["section"], answer.json()["room_type"]) == (str(section.pk), suite)
    cleared = petra.patch("rooms/102", {"section": None}, seen=answer.json()["version"])
    assert cleared.json()["section"] is None
