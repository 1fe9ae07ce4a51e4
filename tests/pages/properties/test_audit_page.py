"""The audit log page: newest first, paged, the hotel's own only."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from django.test import Client

from folios.services.postings import Line, charge_post
from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.templatetags.ui import day
from properties import services
from properties.models import Property, Room
from properties.views import audit
from tests.factories.folios import make_guest_in_house, open_for_business

URL = "/h/SEA/audit/"


def test_the_log_tells_who_what_and_from_where(client: Client, hotel: Property, room: Room, anna: User) -> None:
    with act_as(via="web", user=anna, address="10.0.0.9"):
        services.room_mark(room_id=room.pk, condition="dirty")
    client.force_login(anna)

    line = client.get(URL).context["lines"][0]

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
    assert rows.lstrip().startswith("<tr>")
    assert rows.count("<time") == 3


def test_the_view_is_read_only(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    assert client.post(URL).status_code == 405
    assert audit.right == "audit_view"
