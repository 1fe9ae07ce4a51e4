"""Names of another hotel in every place of every call of the API that can name a row.

The program of SEA calls every operation so that it is accepted. Then each name in it (in the address, a parameter, the
body, however deep) is replaced by one of LAK, and by one that nobody has: the answers must be the same (foreign.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db.models import Model

from folios.models import Folio
from pms.api.models import Job
from pms.events.selectors import stream_head
from pms.events.worker import deliver_due
from properties.models import Room
from reservations.models import OutOfOrder, RatePlan, Reservation
from tests.api.partner import Partner, make_partner, problem
from tests.committed import commit, rolled_back
from tests.factories.api import make_job
from tests.permissions.foreign import (
    KEY,
    Heard,
    crossing,
    heard,
    marked_of,
    nobodys,
    one_hole,
    state_of,
    swaps_between,
    unscoped,
)
from tests.permissions.house import House
from tests.permissions.questions import HOTEL, Ask, Place, asks, operations

# So large a part of the writes is accepted as it stands; what is refused for its form says nothing about the names.
READ = 0.95
# What no program can do in a furnished house: its state stands against it, which is asked after the names.
STOPPED = {"POST night-audits/{audit_id}/resume": "audit_not_failed"}
FEWEST_PLACES, FEWEST_DONE, FEWEST_READ = 100, 20, 20
# Bulk work is taken before its lines are looked at; it has a test of its own.
BULK = "jobs/"


@pytest.fixture
def marked(house: House) -> House:
    """The house; what is LAK's is called as nothing of SEA."""
    return marked_of(house)


@pytest.fixture
def partner(marked: House) -> Partner:
    """A program of SEA that may do everything there and is never too fast."""
    return make_partner([marked.sea.row], rate=10**6)


@pytest.fixture
def job(marked: House, partner: Partner) -> Job:
    """Bulk work of the program."""
    return make_job(hotel=marked.sea.row, lines=[{"room": "501", "condition": "dirty"}], client=partner.client)


class Names:
    """What LAK calls the like of what SEA names."""

    def __init__(self, house: House) -> None:
        self.keys = swaps_between(house)
        sea, lak = house.sea, house.lak
        self.named: Mapping[tuple[str, str], str] = {
            ("property_code", "SEA"): "LAK",
            ("number", sea.room.number): "LAK5",
            ("room", sea.room.number): "LAK5",
            ("floor", "5"): "LAK5",
            ("code", "BAR"): "LAKBAR",
            ("code", "SUI"): "LAKDBL",
            ("transaction_code", "minibar"): "lakbar",
            ("features", "balcony"): "lak_view",
            ("posting", str(sea.posting.pk)): str(lak.posting.pk),
            ("number", sea.expected.booking.number): lak.expected.booking.number,
            ("number", sea.invoice.number): f"LAK{lak.invoice.number}",
            ("epoch", stream_head(sea.row.pk).epoch): stream_head(lak.row.pk).epoch,
        }

    def of_lak(self, place: Place, value: str) -> str:
        """Return what stands for the value at LAK, "" if it names no row."""
        name = next(str(step) for step in reversed(place) if isinstance(step, str))
        return self.named.get((name, value), self.keys.get(value, ""))


def nameless(value: str) -> str:
    """Return a name of the same form that neither hotel knows."""
    if value.isdecimal():
        return "9" * len(value)
    if KEY.fullmatch(value) or "lak" in value.lower():
        return nobodys(value)
    return value[:-2] + ("QQ" if value[-2:] != "QQ" else "ZZ")


@dataclass(frozen=True)
class Trial:
    """An own call and what goes before it, the place of one name in it, LAK's name for that place, and nobody's."""

    ask: Ask
    before: tuple[Ask, ...]
    place: Place
    theirs: str
    nobody: str

    def made(self, partner: Partner, house: House, state: Any) -> str:
        """Send it with either name; return what is amiss: the answers differ, or LAK's row was given or touched.

        Where only the questions to the database differ they are compared again: the first time fills caches.
        """
        what = self._made(partner, house, state)
        return self._made(partner, house, state) if what.startswith("questions") else what

    def _made(self, partner: Partner, house: House, state: Any) -> str:
        with rolled_back():
            for step in self.before:
                step.send(partner)
            with rolled_back():
                alone = self._heard(partner, self.nobody)
            given = self._heard(partner, self.theirs)
            if what := given.differs(alone) or given.amiss:
                return what
            if given.status < 300 and self.place[0] != "query" and self.place[-1] != "floor":
                return "given"
            touched = self.ask.method != "GET" and (state_of(house.lak.row) != state or crossing(house))
        return "touched" if touched else ""

    def _heard(self, partner: Partner, name: str) -> Heard:
        return heard(lambda: self.ask.naming(self.place, name).send(partner), self.theirs, self.nobody)

    def __str__(self) -> str:
        return f"{self.ask} {'.'.join(map(str, self.place))}"


def trials(house: House, job: Job) -> Iterator[Trial]:
    """Yield every call of SEA's program with each of its names; lines of bulk work have a test of their own."""
    names = Names(house)
    for ask, before in asks(house, job.pk):
        for place, value in ask.names():
            theirs = names.of_lak(place, value)
            if theirs and not (str(ask).startswith(f"POST {BULK}") and place[0] == "body"):
                yield Trial(ask, before, place, theirs, nameless(theirs))


def told_by(partner: Partner, house: House, job: Job, *, only: str = "") -> tuple[list[tuple[str, str]], int]:
    """Make all trials, or those with `only` in them; return what is amiss and how many there were."""
    state = state_of(house.lak.row)
    made = [one for one in trials(house, job) if only in str(one)]
    found = ((one.made(partner, house, state), str(one)) for one in made)
    return [(what, name) for what, name in found if what], len(made)


# --- the sweep --------------------------------------------------------------------------------------------------------


def test_every_call_is_accepted_before_its_names_are_swapped(partner: Partner, marked: House, job: Job) -> None:
    refused, count = {}, 0
    for ask, before in asks(marked, job.pk):
        with rolled_back():
            for step in before:
                assert step.send(partner).status_code < 300, (str(ask), str(step))
            answer = ask.send(partner)
        count += ask.method != "GET"
        if answer.status_code >= 300:
            refused[str(ask)] = answer.json()["code"]

    assert refused == STOPPED, "Give the operation a body that is accepted in tests/permissions/questions.py."
    assert count - len(refused) >= READ * count


def test_every_operation_is_asked(partner: Partner, marked: House, job: Job) -> None:
    asked = {(ask.method, ask.path) for ask, _before in asks(marked, job.pk)}
    without_body = [str(ask) for ask, _before in asks(marked, job.pk) if ask.method != "GET" and ask.body is None]

    assert asked == {(method, path) for method, path, _entry in operations()}
    assert without_body == [], "Say in tests/permissions/questions.py what it is sent."


def test_a_name_of_another_hotel_is_a_name_of_nobody(partner: Partner, marked: House, job: Job) -> None:
    found, count = told_by(partner, marked, job)

    assert found == []
    assert count >= FEWEST_PLACES


# Where one filter by the hotel is missing: rows of which model, and the calls that it guards.
HOLES = [
    (OutOfOrder, "GET out-of-order/"), (OutOfOrder, "POST out-of-order/"), (Room, "GET rooms/{number} at.number"),
    (Reservation, "PATCH reservations/"), (RatePlan, "GET rate-plans query.code"), (RatePlan, "PUT rates"),
    (Folio, "POST folios/{folio_id}/payments"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "calls"), HOLES, ids=lambda part: getattr(part, "__name__", part))
def test_control_one_missing_filter_is_seen(
    partner: Partner, marked: House, job: Job, model: type[Model], calls: str
) -> None:
    assert told_by(partner, marked, job, only=calls)[0] == []

    with one_hole(marked.sea.row, model):
        found, count = told_by(partner, marked, job, only=calls)

    assert found and count


def test_control_with_no_filter_at_all_the_api_gives_it(partner: Partner, marked: House, job: Job) -> None:
    with unscoped(marked.sea.row):
        found, _count = told_by(partner, marked, job, only="GET ")

    assert found


# --- bulk work --------------------------------------------------------------------------------------------------------


def work() -> None:
    """Let the workers do what is owed."""
    commit(run=False)
    while deliver_due().delivered:
        commit(run=False)


def outcome(partner: Partner, ask: Ask, name: str) -> Any:
    """Have bulk work done; return how it ended, without the name."""
    answer = ask.send(partner)
    assert answer.status_code == 202, answer.content
    work()
    ended = partner.get(urlsplit(answer["Location"]).path).json()
    told = {part: ended[part] for part in ("status", "done", "total", "errors", "result", "problem")}
    return json.loads(json.dumps(told).replace(name, "…"))


def test_lines_of_bulk_work_reach_no_other_hotel(partner: Partner, marked: House, job: Job) -> None:
    work()  # what is owed already is none of this
    names, state, count = Names(marked), state_of(marked.lak.row), 0
    bulk = [ask for ask, _before in asks(marked, job.pk) if str(ask).startswith(f"POST {BULK}") and ask.body]
    for ask in bulk:
        for place, value in ask.names():
            theirs = names.of_lak(place, value)
            if not theirs or place[0] != "body":
                continue
            count += 1
            with rolled_back():
                given = outcome(partner, ask.naming(place, theirs), theirs)
                alone = outcome(partner, ask.naming(place, nameless(theirs)), nameless(theirs))
                assert given == alone, (str(ask), place)
                assert given["status"] == "failed" and len(given["errors"]) == 1
                assert (state_of(marked.lak.row), crossing(marked)) == (state, [])
    assert len(bulk) >= 3 and count >= 5


# --- keys and cursors -------------------------------------------------------------------------------------------------


def test_a_key_used_at_another_hotel_replays_nothing_of_it(marked: House) -> None:
    """Neither for a stranger, whose keys are her own, nor for a program that works at both hotels."""
    sea, lak = (make_partner([hotel.row], name=hotel.row.code) for hotel in (marked.sea, marked.lak))
    both = make_partner([marked.sea.row, marked.lak.row], name="Both")
    body = {"condition": "dirty"}

    assert lak.post("rooms/102/condition", body, key="k1").status_code == 200
    own = sea.post("rooms/102/condition", body, key="k1")
    assert (own.status_code, own.get("Idempotent-Replayed")) == (200, None)

    assert both.post("/api/v1/properties/LAK/rooms/101/condition", body, key="k2").status_code == 200
    problem(both.post("/api/v1/properties/SEA/rooms/101/condition", body, key="k2"), 409, "idempotency_key_reused")


def test_a_cursor_of_another_hotel_is_no_cursor(marked: House) -> None:
    both = make_partner([marked.sea.row, marked.lak.row])
    lists = [path.removeprefix(HOTEL) for method, path, entry in operations() if method == "GET" and _paged(entry)]
    tried = 0
    for name in lists:
        following = both.get(f"/api/v1/properties/LAK/{name}", limit=1).json().get("next")
        if following:
            tried += 1
            cursor = dict(parse_qsl(urlsplit(following).query))["cursor"]
            problem(both.get(f"/api/v1/properties/SEA/{name}", limit=1, cursor=cursor), 400, "cursor_invalid")
    assert tried >= 5


def _paged(entry: Any) -> bool:
    return any(one["name"] == "cursor" for one in entry["parameters"])


# --- what goes on in another hotel ------------------------------------------------------------------------------------


def everything(house: House, partner: Partner, job: Job) -> dict[str, Any]:
    """Return every answer to SEA's program that reads, with and without its filters."""
    reads = [ask for ask, _before in asks(house, job.pk) if ask.method == "GET"]
    bare = [replace(ask, query={}) for ask in reads if "{" not in ask.path.replace("{property_code}", "")]
    found = {ask.url: ask.send(partner) for ask in (*reads, *bare)}
    return {url: (answer.status_code, answer.getvalue()) for url, answer in found.items() if answer.status_code == 200}


def test_what_another_hotel_does_changes_no_answer(house: House) -> None:
    """No list, no count, no head of a stream, no number: every write of the API at LAK, and SEA reads as before."""
    partner, there = make_partner([house.sea.row]), make_partner([house.lak.row], rate=10**6)
    own = make_job(hotel=house.sea.row, lines=[{"room": "501", "condition": "dirty"}], client=partner.client)
    job = make_job(hotel=house.lak.row, lines=[{"room": "501", "condition": "dirty"}], client=there.client)
    commit(run=False)
    before = everything(house, partner, own)

    done = 0
    for ask, steps in asks(house.turned(), job.pk):
        if ask.method != "GET":
            done += [step.send(there).status_code for step in (*steps, ask)][-1] < 300
    commit(run=False)

    assert done >= FEWEST_DONE
    assert everything(house, partner, own) == before
    assert len(before) >= FEWEST_READ
