"""What every accepted call of the API keeps to (docs/api.md); a new operation is tried as well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pms.api.models import Job
from tests.api.partner import Partner, make_partner, problem
from tests.committed import rolled_back
from tests.factories.api import make_job
from tests.permissions.foreign import state_of
from tests.permissions.house import House
from tests.permissions.questions import Ask, asks
from tests.permissions.test_swapped_api import STOPPED

LIMITS = ("RateLimit-Policy", "RateLimit", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
# Files, and a program: it has acts, but no field that two people could change at once.
NO_VERSION = frozenset(
    {"GET invoices/{invoice_id}/pdf", "GET room-types/photos/{photo_id}/{side}", "GET api-clients/{client_pk}"}
)
NEVER_CHANGED = 1  # the version of what is written once, such as an invoice


@pytest.fixture
def partner(house: House) -> Partner:
    """A program of SEA that may do everything there."""
    return make_partner([house.sea.row], rate=10**6)


@pytest.fixture
def job(house: House, partner: Partner) -> Job:
    """Bulk work of the program."""
    return make_job(hotel=house.sea.row, lines=[{"room": "501", "condition": "dirty"}], client=partner.client)


def is_object(ask: Ask) -> bool:
    """Tell whether the call reads one object: its address ends in what names it."""
    return ask.method == "GET" and ask.path.endswith("}") and str(ask) not in NO_VERSION


def test_every_object_has_an_etag_of_its_version(partner: Partner, house: House, job: Job) -> None:
    tags = {str(ask): ask.send(partner) for ask, _before in asks(house, job.pk) if is_object(ask)}

    versions = {name: answer.json().get("version", NEVER_CHANGED) for name, answer in tags.items()}
    wrong = [name for name, answer in tags.items() if answer.get("ETag") != f'"{versions[name]}"']
    assert wrong == []
    assert len(tags) >= 8


def test_every_answer_says_how_many_calls_are_left(partner: Partner, house: House, job: Job) -> None:
    for ask, _before in asks(house, job.pk):
        nowhere = ask.naming(("at", "property_code"), "NOPE")
        other = replace(ask, method="DELETE", query={}, body=None)
        with rolled_back():
            for answer in (ask.send(partner), nowhere.send(partner), partner.send("DELETE", other.url)):
                missing = [name for name in LIMITS if name not in answer]
                assert missing == [], (str(ask), answer.status_code)
                assert answer["Cache-Control"].startswith("private"), str(ask)


def test_every_write_can_be_tried_and_writes_nothing(partner: Partner, house: House, job: Job) -> None:
    tried = 0
    for ask, before in asks(house, job.pk):
        if ask.method == "GET" or str(ask) in STOPPED:
            continue
        with rolled_back():
            for step in before:
                step.send(partner)
            state = state_of(house.sea.row)
            answer = replace(ask, query={"dry_run": "true"}).send(partner)
            assert (answer.status_code, answer.get("Dry-Run")) == (200, "true"), (str(ask), answer.content)
            assert state_of(house.sea.row) == state, str(ask)
        tried += 1
    assert tried >= 25


def test_every_list_is_cut_at_five_hundred(partner: Partner, house: House, job: Job) -> None:
    lists = [ask for ask, _before in asks(house, job.pk) if ask.method == "GET" and not ask.path.endswith("}")]
    cut = 0
    for ask in lists:
        answer = replace(ask, query={**ask.query, "limit": "501"}).send(partner)
        code = answer.json()["code"]
        if code != "unknown_parameter":  # some answers are no lists
            problem(answer, 400, "unreadable")
            cut += 1
    assert cut >= 10
