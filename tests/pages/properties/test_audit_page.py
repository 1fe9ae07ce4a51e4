"""The audit log page: newest first, paged, the hotel's own only."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from folios.services.postings import Line, charge_post
from pms.accounts.models import User
from pms.accounts.services import role_set_rights
from pms.core import tasks
from pms.core.acting import act_as
from pms.core.chain import sealing
from pms.core.chain.check import check_asked
from pms.core.models import AuditCheck, AuditEntry
from pms.core.templatetags.ui import day
from pms.events.models import StreamEvent
from properties import services
from properties.models import Property, Room
from properties.views import audit
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import make_hotel, make_member

URL = "/h/SEA/audit/"


def test_the_log_tells_who_what_and_from_where(client: Client, hotel: Property, room: Room, anna: User) -> None:
    with act_as(via="web", user=anna, address="10.0.0.9"):
        services.room_mark(room_id=room.pk, condition="dirty")
    client.force_login(anna)

    line = next(line for line in client.get(URL).context["lines"] if line.what == "room")

    assert (line.actor, line.address, line.what, line.name) == ("Anna Sommer", "10.0.0.9", "room", "101")
    assert [(change.name, change.old, change.new) for change in line.differences] == [("condition", "clean", "dirty")]


def test_values_read_as_people_write_them(client: Client, hotel: Property, anna: User) -> None:
    """Sums with two decimals, days and rows by their names; the log itself keeps the exact values."""
    hotel = open_for_business(hotel)
    stay, folio = make_guest_in_house(hotel=hotel, name="Lena Fort")
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    client.force_login(anna)

    lines = client.get(URL).context["lines"]

    said = {
        (line.what, change.name): (change.old, change.new) for line in reversed(lines) for change in line.differences
    }
    assert said["folio", "balance"] == ("0.00", "9.50")
    assert said["reservation", "room type"][1] == "Double"
    assert said["reservation", "arrival"][1] == day(stay.arrival)
    assert not [new for _old, new in said.values() if str(stay.room_type_id) in new]


def test_another_hotels_changes_are_not_in_it(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    client.force_login(anna)

    html = client.get(URL).content.decode()

    assert "Lake House" not in html
    assert "Seaside Hotel" in html


def test_the_log_is_for_those_who_may_read_it(client: Client, hotel: Property, maria: User, eve: User) -> None:
    client.force_login(maria)
    assert client.get(URL).status_code == 403
    client.force_login(eve)
    assert client.get(URL).status_code == 404


def test_the_log_goes_on_where_the_page_ended(
    client: Client, hotel: Property, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["properties.views.audit"], "PAGE", 3)
    client.force_login(anna)
    first = client.get(URL)
    second = client.get(URL, {"before": first.context["next"]}, headers={"HX-Request": "true"})

    keys = [line.pk for line in first.context["lines"]]
    assert keys == sorted(keys, reverse=True)
    assert first.context["next"] == keys[-1]
    rows = second.content.decode()
    assert rows.lstrip().startswith("<tr id=")
    assert rows.count("<time") == 3


def test_the_view_is_read_only(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    assert client.post(URL).status_code == 405
    assert audit.right == "audit_view"


# --- what is asked for ------------------------------------------------------------------------------------------------


def names(client: Client, **asked: str) -> list[str]:
    """Return the rows that the log tells of when this is asked for."""
    return [line.name for line in client.get(URL, asked).context["lines"]]


def test_filters_are_kept_in_the_address(client: Client, hotel: Property, room: Room, anna: User, hugo: User) -> None:
    with act_as(via="api", user=anna, request_id="request-0001"):
        services.room_mark(room_id=room.pk, condition="dirty")
    with act_as(via="web", user=hugo, request_id="request-0002"):
        services.room_mark(room_id=room.pk, condition="clean")
    client.force_login(anna)

    assert names(client, via="api") == ["101"]
    assert names(client, person=str(hugo.pk)) == ["101"]
    assert names(client, request="request-0002") == ["101"]
    assert len(names(client, object=str(room.pk))) == 3
    assert set(names(client, kind="properties.roomtype")) == {"Double", "Single", "Suite"}
    assert names(client, act="sign_in.succeeded") == ["Anna Sommer"]
    assert names(client, q="DIRTY") == names(client, q="dirty") != []
    page = client.get(URL, {"via": "api", "person": str(anna.pk)})
    assert f"?person={anna.pk}&amp;via=api&amp;after=" in page.content.decode()


def test_days_are_those_of_the_hotel(client: Client, hotel: Property, room: Room, anna: User) -> None:
    """One second before midnight in Berlin is still the day before, whatever UTC says."""
    client.force_login(anna)
    entry = AuditEntry.objects.filter(object_pk=str(room.pk)).latest("pk")
    for moment, first, last, found in [
        ("2026-07-01T21:59:59Z", "2026-07-01", "2026-07-01", 1),
        ("2026-07-01T22:00:00Z", "2026-07-01", "2026-07-01", 0),
        ("2026-07-01T22:00:00Z", "2026-07-02", "", 1),
        ("2026-07-01T22:00:00Z", "", "2026-07-01", 0),
    ]:
        AuditEntry.objects.filter(pk=entry.pk).update(timestamp=dt.datetime.fromisoformat(moment))
        asked = {"object": str(room.pk), "first": first, "last": last}
        assert len(names(client, **asked)) == found, (moment, asked)


def test_nonsense_in_the_address_is_as_if_it_were_not_asked(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    page = client.get(URL, {"person": "eve", "first": "soon", "before": "-1", "kind": "auth.permission", "after": ""})

    assert page.status_code == 200 and page.context["lines"] and page.context["asked"].query == ""


def test_rows_of_several_hotels_stand_in_the_log_of_each(
    client: Client, hotel: Property, other_hotel: Property, anna: User, eve: User
) -> None:
    make_hotel(code="SEB", organization=hotel.organization)
    hotel.organization.name = "Both houses"
    hotel.organization.save()
    client.force_login(anna)
    assert "Both houses" in names(client)
    client.force_login(eve)
    assert "Both houses" not in [line.name for line in client.get("/h/LAK/audit/").context["lines"]]


def test_who_may_not_see_guests_finds_none_by_text(client: Client, hotel: Property) -> None:
    hotel = open_for_business(hotel)
    make_guest_in_house(hotel=hotel, name="Lena Fort")
    auditor = make_member(hotel=hotel, name="Otto Prüf", role="auditor").user
    role_set_rights(property_id=hotel.pk, role="auditor", rights=["hotel_view", "audit_view"])
    client.force_login(User.objects.get(pk=auditor.pk))

    assert names(client, q="Lena") == names(client, q="Fort") == []
    assert "Lena" not in client.get(URL).content.decode()


def test_a_line_leads_to_the_page_of_its_row(client: Client, hotel: Property, anna: User) -> None:
    hotel = open_for_business(hotel)
    stay, folio = make_guest_in_house(hotel=hotel)
    client.force_login(anna)

    urls = {line.url for line in client.get(URL).context["lines"]}

    assert {f"/h/SEA/reservations/{stay.pk}/", f"/h/SEA/folios/{folio.pk}/"} <= urls


def test_nights_of_a_room_read_as_days(client: Client, hotel: Property, anna: User) -> None:
    hotel = open_for_business(hotel)
    stay, _folio = make_guest_in_house(hotel=hotel)
    client.force_login(anna)

    told = [c.new for one in client.get(URL).context["lines"] for c in one.differences if c.name == "nights"]

    assert f"{day(stay.arrival)} – {day(stay.departure)}" in told


# --- what came since --------------------------------------------------------------------------------------------------


def test_what_came_since_is_given_newest_first_and_filtered(
    client: Client, hotel: Property, room: Room, anna: User
) -> None:
    client.force_login(anna)
    newest = client.get(URL).context["newest"]
    services.room_mark(room_id=room.pk, condition="dirty")
    services.room_mark(room_id=room.pk, condition="touch_up")

    came = client.get(URL, {"after": newest}).content.decode()
    filtered = client.get(URL, {"after": newest, "kind": "properties.roomtype"}).content.decode()

    assert came.count("<tr id=") == 2 and came.index("touch-up") < came.index("<del>clean</del>")
    assert f"after={newest}" in came
    assert "<tr" not in filtered


def test_pages_hear_that_entries_were_sealed(client: Client, hotel: Property, room: Room, anna: User) -> None:
    services.room_mark(room_id=room.pk, condition="dirty")
    before = StreamEvent.objects.count()

    sealing.seal_due()

    told = StreamEvent.objects.order_by("-pk")[: StreamEvent.objects.count() - before]
    assert f"audit_chain:{hotel.pk}" in {piece for event in told for piece in event.touches}


# --- the chain --------------------------------------------------------------------------------------------------------


def test_the_page_says_how_far_it_is_sealed_and_verifies_on_demand(
    client: Client, hotel: Property, anna: User, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_HEADS_DIR = tmp_path
    client.force_login(anna)
    assert "Nothing is sealed yet." in client.get(URL).content.decode()
    sealing.seal_due()

    asked = client.post("/h/SEA/audit/verify/").content.decode()
    client.post("/h/SEA/audit/verify/")
    assert "It is being verified" in asked and AuditCheck.objects.count() == 1
    tasks.seal()

    page = client.get(URL).content.decode()
    assert "Sealed up to number" in page and "whole" in page
    assert AuditCheck.objects.get().asked_by_id == anna.pk


def test_the_page_says_what_does_not_fit(client: Client, hotel: Property, anna: User, tmp_path: Path) -> None:
    sealing.seal_due()
    entry = AuditEntry.objects.filter(property_id=hotel.pk).first()
    AuditEntry.objects.filter(pk=entry.pk).update(object_repr="Forged")
    check_asked(chain=hotel.pk)
    tasks.seal()
    client.force_login(anna)

    page = client.get(URL).content.decode()

    assert "1 thing does not fit" in page and f"entry {entry.pk}" in page


# --- the copy ---------------------------------------------------------------------------------------------------------


def export(client: Client, **asked: str) -> list[list[str]]:
    answer = client.get("/h/SEA/audit/export/", asked)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_copy_holds_what_the_filters_show_and_is_an_entry(
    client: Client, hotel: Property, room: Room, anna: User
) -> None:
    services.room_mark(room_id=room.pk, condition="dirty")
    client.force_login(anna)

    head, *rows = export(client, object=str(room.pk))

    assert head[0] == "Entry" and rows[0][6:] == ["room", "101", "condition", "clean", "dirty"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.action, entry.actor) == ("audit.exported", AuditEntry.Action.ACCESS, anna)
    assert entry.changes["filters"] == ["", f"object={room.pk}"]


def test_no_cell_of_the_copy_is_a_formula(client: Client, hotel: Property, room: Room, anna: User) -> None:
    room.number = "=1+A1"
    room.save()
    client.force_login(anna)

    cells = {cell for row in export(client, object=str(room.pk)) for cell in row}

    assert "'=1+A1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_copy_that_is_too_long_says_so(
    client: Client, hotel: Property, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["properties.views.audit"], "EXPORT", 2)
    client.force_login(anna)

    assert export(client)[-1] == ["Older entries were left out: choose fewer days."]
