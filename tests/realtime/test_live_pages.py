"""Old page + what was pushed = the page opened now: every live page, for every event of the catalogue.

An event without an act in tests/realtime/happenings.py is red, and so is one whose act does not make it happen.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import resolve

from pms.accounts.models import User
from pms.events.base import Event, Veto
from pms.events.models import StreamEvent
from pms.live import batches
from pms.live.pages import audience_of
from tests.committed import commit, rolled_back
from tests.open_pages import OpenPage
from tests.realtime.happenings import HAPPENINGS, UNSEEN, Scene, set_scene

NOON = dt.datetime(2026, 3, 15, 11, tzinfo=dt.UTC)
TOLD = sorted(code for code, event in Event.catalogue.items() if not issubclass(event, Veto))
# Parts of pages that are drawn once, with the reason.
FORMS = {"//*[@id='folio-side']//form": "somebody types a sum into it, and its key makes a repeated click count once"}
# Regions that are asked for anew, and what may make them: rare, or different for each reader (docs/live.md).
ROOMS_COME_AND_GO = frozenset({"room.added", "room.changed", "room.archived", "room.restored"})
TYPES = frozenset({"room_type.added", "room_type.changed", "room_type.archived", "room_type.restored"})
PRICED = frozenset({"rates.set", "rate_plan.changed"}) | TYPES
# The page of the channels, and the sheet of a phone that counts what waits in its sections.
CHANNELS = frozenset(code for code in Event.catalogue if code.startswith("channel_"))
WAITING = CHANNELS | {code for code in Event.catalogue if code.startswith("delivery.")}
STAFF = frozenset(code for code in Event.catalogue if code.startswith("staff."))
REFETCHED: Mapping[str, frozenset[str]] = {
    "activity": frozenset({"room.changed", "room_type.changed", "rate_plan.changed", "staff.removed"}),
    "room-floors": ROOMS_COME_AND_GO,
    "rack": ROOMS_COME_AND_GO,
    "my-filters": ROOMS_COME_AND_GO,
    "room-plan": ROOMS_COME_AND_GO | PRICED,
    "price-grid": PRICED,
    "prices-lead": PRICED,
    "channel-cards": CHANNELS,
    "channels-lead": CHANNELS,
    "channel-messages": CHANNELS,
    "more": WAITING,
    "set-prices": PRICED,
    "staff-lead": STAFF,
    "staff-list": STAFF,
    "role-matrix": STAFF,
}
# What hangs on the business date in other ways than by its rows is read anew once a day.
OF_THE_DAY = frozenset({"closed-rooms", "ask-list", "reservations", "reservations-pages"})
DEAD: Mapping[str, Mapping[str, str]] = {
    "folio": FORMS,
    "folio of who leaves": FORMS,
    "closed rooms": {"//form[contains(@class, 'close-room')]": "somebody types into it"},
    "room type": {"//form[contains(@class, 'house-form')]": "somebody types into it"},
    "background work": {"//*[@id='work-now']": "it tells of silence, so it asks by itself every fifteen seconds"},
}

ROOT = Path(__file__).resolve().parents[2]
# Views that name topics and are none of the pages below, with the reason.
ELSEWHERE = {
    "properties.views.audit.audit": "follows what is sealed: tests/pages/properties/test_audit_page.py",
    "properties.views.house._photos": "a part of the page of a room type",
}


def addresses(scene: Scene) -> dict[str, str]:
    """Return the live pages that are open, by name."""
    stay = "/h/SEA/reservations/{}/"
    return {
        "rooms board": "/h/SEA/rooms/",
        "the house": "/h/SEA/house/",
        "room type": f"/h/SEA/room-types/{scene.kind.pk}/",
        "today": "/h/SEA/",
        "reservations": "/h/SEA/reservations/",
        "reservation of who leaves": stay.format(scene.leaving.pk),
        "reservation of who comes": stay.format(scene.coming.pk),
        "reservation without a room": stay.format(scene.undecided.pk),
        "room plan": "/h/SEA/plan/",
        "prices": "/h/SEA/rates/",
        "closed rooms": "/h/SEA/closed-rooms/",
        "my rooms": "/h/SEA/my-rooms/",
        "my rooms of one floor": "/h/SEA/my-rooms/?show=todo&floor=1",
        "activity": "/h/SEA/activity/",
        "folios": "/h/SEA/folios/",
        "folios of who left": "/h/SEA/folios/?show=left",
        "folio": f"/h/SEA/folios/{scene.folio.pk}/",
        "folio of who leaves": f"/h/SEA/folios/{scene.folio_left.pk}/",
        "night audit": "/h/SEA/night-audit/",
        "channels": "/h/SEA/channels/",
        "background work": "/h/SEA/background/",
        "staff": "/h/SEA/staff/",
        "roles": "/h/SEA/staff/roles/",
    }


class Desk:
    """Olga, who may see everything, with all live pages open."""

    def __init__(self) -> None:
        self.scene = set_scene()
        commit(run=False)
        self.olga = User.objects.get(email="olga@sea.example")
        self.client = Client()
        self.client.force_login(self.olga)
        self.before = self.open()

    def open(self) -> dict[str, OpenPage]:
        """Open every page now."""
        return {
            name: OpenPage(self.client, url, DEAD.get(name, {})) for name, url in addresses(self.scene).items()
        }  # fmt: skip


@pytest.fixture(scope="module")
def shared_desk(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Desk]:
    """One hotel for all events: each happens in a savepoint that is taken back."""
    with django_db_blocker.unblock(), time_machine.travel(NOON, tick=True), transaction.atomic():
        yield Desk()
        transaction.set_rollback(True)


@pytest.fixture
def desk(shared_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The open pages; reading for the hub leaves the test's connection open."""
    monkeypatch.setattr(batches, "connection", SimpleNamespace(close=lambda: None))
    shared_desk.scene.given.clear()
    with rolled_back():
        yield shared_desk


def allowed(code: str) -> set[str]:
    """Return the regions that may be asked for anew when this happens; everything else comes over the socket."""
    if code in {"business_date.rolled", "night_audit.succeeded"}:  # either moves the day
        return {*REFETCHED, *OF_THE_DAY}
    return {region for region, codes in REFETCHED.items() if code in codes}


def test_every_event_has_an_act_that_makes_it_happen() -> None:
    assert set(HAPPENINGS) | set(UNSEEN) == set(TOLD), (
        "Say in tests/realtime/happenings.py how the event happens, "
        "or name it in UNSEEN with the reason why no open page can see it."
    )
    assert not set(HAPPENINGS) & set(UNSEEN)


def test_every_page_that_listens_is_opened_here(desk: Desk) -> None:
    opened = {_name_of(resolve(url.partition("?")[0]).func) for url in addresses(desk.scene).values()}

    assert _listening() - opened == set(ELSEWHERE), "Open the page in `addresses`, or say in ELSEWHERE what it follows."


def _name_of(view: Any) -> str:
    view = inspect.unwrap(view)
    return f"{view.__module__}.{view.__qualname__}"


def _listening() -> set[str]:
    """Return the views whose page names topics of its own."""
    found = set()
    for path in [*ROOT.glob("*/views.py"), *ROOT.glob("*/views/*.py"), *ROOT.glob("pms/*/views.py")]:
        for view in (one for one in ast.parse(path.read_text()).body if isinstance(one, ast.FunctionDef)):
            calls = (one for one in ast.walk(view) if isinstance(one, ast.Call))
            if any("topics" in {keyword.arg for keyword in call.keywords} for call in calls):
                found.add(f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{view.name}")
    return found


@pytest.mark.parametrize("code", sorted(HAPPENINGS))
def test_open_pages_follow(desk: Desk, code: str) -> None:
    happening = HAPPENINGS[code]
    if happening.given:
        happening.given(desk.scene)
        commit(run=False)
        pages = desk.open()
    else:
        pages = {name: page.opened_before() for name, page in desk.before.items()}
    seen = set(StreamEvent.objects.values_list("pk", flat=True))

    happening.act(desk.scene)
    commit(run=False)

    told = StreamEvent.objects.exclude(pk__in=seen).filter(kind="happened").values_list("code", flat=True)
    assert code in set(told), f"The act made {sorted(set(told))} happen instead."
    stale, asked = {}, {}
    for name, page in pages.items():
        page.catch_up(desk.scene.hotel.pk, audience_of(desk.olga, desk.scene.hotel.pk))
        if lines := page.differences():
            stale[name] = lines[:30]
        if fetched := set(page.fetched) - allowed(code):
            asked[name] = sorted(fetched)
    assert not stale, "\n".join(line for name, lines in stale.items() for line in (f"== {name}", *lines))
    assert not asked, f"asked the server for {asked}"


def test_control_a_page_that_hears_nothing_differs(desk: Desk) -> None:
    pages = {name: page.opened_before() for name, page in desk.before.items()}

    HAPPENINGS["reservation.checked_in"].act(desk.scene)
    commit(run=False)

    deaf = {name for name, page in pages.items() if page.differences()}
    assert {"today", "rooms board", "room plan", "my rooms", "activity", "reservation of who comes"} <= deaf
