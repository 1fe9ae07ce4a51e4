"""The night audit's page: the checklist, the start, the progress on every screen, the way on after a failure."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from folios.fragments import OF_THE_AUDIT
from folios.models import NightAudit
from folios.selectors.audits import checks_of
from folios.services import nights
from folios.services.night_audit import night_audit_run
from pms.accounts.models import User
from pms.events.models import StreamEvent
from pms.live.pages import audience_of
from properties.models import Property
from tests.clients import signed_in
from tests.committed import committed
from tests.factories.folios import make_guest_in_house
from tests.factories.reservations import make_reservation
from tests.live import sight

PAGE = "/h/SEA/night-audit/"
NOON = dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 3, 15, 2, 30, tzinfo=dt.UTC)


def pieces(user: User, hotel: Property) -> dict[str, str]:
    """Return the pieces as they would be pushed to `user`."""
    audience = audience_of(user, hotel.pk)
    return {one.name: one.render(hotel.pk, audience) for one in OF_THE_AUDIT}


def shown(html: str, drawn: dict[str, str]) -> bool:
    """Tell whether the page shows just these pieces."""
    return all(sight(piece) in sight(html) for piece in drawn.values())


def test_early_the_desk_is_told_when_and_the_manager_may(sea: Property, hugo: User, anna: User) -> None:
    with time_machine.travel(NOON, tick=True):
        desk, office = signed_in(hugo), signed_in(anna)
        html = desk.get(PAGE).content.decode()
        assert 'aria-disabled="true"' in html
        assert "2026-03-15 03:00" in html
        assert desk.post(f"{PAGE}start/", headers={"HX-Request": "true"}).status_code == 409
        assert not NightAudit.objects.exists()

        html = office.get(PAGE).content.decode()
        assert 'aria-disabled="true"' not in html
        assert office.post(f"{PAGE}start/", headers={"HX-Request": "true"}).status_code == 204
        assert NightAudit.objects.get().user_id == anna.pk


def test_the_day_is_not_closed_before_it_is_said_what_that_means(sea: Property, anna: User) -> None:
    make_reservation(hotel=sea, name="Nora Neu")  # due today, and has not come
    with time_machine.travel(NOON, tick=True):
        office = signed_in(anna)
        assert f'hx-get="{PAGE}start/"' in office.get(PAGE).content.decode()

        asked = office.get(f"{PAGE}start/").content.decode()

    assert "Close Sat 14 Mar 2026" in asked and "Sun 15 Mar 2026" in asked
    assert "before its hour" in asked and "A closed day stays closed" in asked
    assert asked.count('<li class="row">') == len([check for check in checks_of(sea) if check.count]) > 0
    assert not NightAudit.objects.exists()


@time_machine.travel(NIGHT, tick=True)
def test_the_run_is_seen_from_start_to_result(desk: Client, sea: Property, hugo: User, anna: User) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    assert shown(desk.get(PAGE).content.decode(), pieces(hugo, sea))

    with committed():
        desk.post(f"{PAGE}start/", headers={"HX-Request": "true"})

    audit = NightAudit.objects.get()
    touched = {topic for event in StreamEvent.objects.all() for topic in event.touches}
    assert {one.topic(sea.pk) for one in OF_THE_AUDIT} <= touched
    assert "Closing Sat 14 Mar 2026" in desk.get(PAGE).content.decode()
    with committed():
        night_audit_run(audit_id=audit.pk)
    html = signed_in(anna).get(PAGE).content.decode()
    assert shown(html, pieces(anna, sea))
    assert "1 room posted" in html
    assert "112.15" in html
    assert "Close Sun 15 Mar 2026" in html
    assert desk.get(PAGE).content.decode().count("Control totals</h2>") == 0


@time_machine.travel(NIGHT, tick=True)
def test_a_failed_run_is_resumed_by_the_button(desk: Client, sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    desk.post(f"{PAGE}start/", headers={"HX-Request": "true"})
    audit = NightAudit.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr(nights, "charges_write", lambda *_a, **_k: 1 / 0)
        assert night_audit_run(audit_id=audit.pk).status == "failed"

    html = desk.get(PAGE).content.decode()
    assert "Go on from here" in html
    answer = desk.post(f"{PAGE}{audit.pk}/resume/", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert StreamEvent.objects.filter(code="night_audit.resumed").exists()
    assert night_audit_run(audit_id=audit.pk).status == "succeeded"
    assert desk.post(f"{PAGE}{audit.pk}/resume/", headers={"HX-Request": "true"}).status_code == 409


def test_what_blocks_is_said_and_nothing_starts(desk: Client, sea: Property) -> None:
    with time_machine.travel(NIGHT, tick=True):
        make_guest_in_house(hotel=sea, nights=1)
        desk.post(f"{PAGE}start/", headers={"HX-Request": "true"})
        night_audit_run(audit_id=NightAudit.objects.get().pk)
    with time_machine.travel(NIGHT + dt.timedelta(days=1), tick=True):
        assert "Still in house" in desk.get(PAGE).content.decode()
        answer = desk.post(f"{PAGE}start/", headers={"HX-Request": "true"})

    assert json.loads(answer["HX-Trigger"])["toast"]["tone"] == "red"
    assert [audit.status for audit in NightAudit.objects.order_by("created_at")] == ["succeeded", "blocked"]


def test_who_may_see_it(sea: Property, maria: User, eve: User) -> None:
    for user, status in ((maria, 403), (eve, 404)):
        assert signed_in(user).get(PAGE).status_code == status
        assert signed_in(user).post(f"{PAGE}start/").status_code == status
    assert Client().get(PAGE).status_code == 302


def test_the_page_costs_the_same_however_many_stays(
    desk: Client, sea: Property, django_assert_max_num_queries: Any
) -> None:
    make_guest_in_house(hotel=sea)
    desk.get(PAGE)
    with django_assert_max_num_queries(45) as few:
        desk.get(PAGE)
    make_guest_in_house(hotel=sea, room="102")
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(PAGE)
