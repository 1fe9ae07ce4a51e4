"""The page of closed rooms, and how the room plan shows them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property, Room
from reservations.models import OutOfOrder
from reservations.services.out_of_order import out_of_order_set
from tests.clients import signed_in
from tests.factories.reservations import make_reservation

PAGE = "/h/SEA/closed-rooms/"


@pytest.fixture
def office(sea: Property, anna: User) -> Client:
    return signed_in(anna)


def room(number: str) -> Room:
    return Room.objects.get(number=number)


def typed(sea: Property, **changes: Any) -> dict[str, Any]:
    day = sea.business_date.isoformat()
    values = {
        "room": str(room("101").pk), "kind": "out_of_order", "first": day, "last": day,
        "reason": "<b>Shower</b>", "return_condition": "dirty",
    }  # fmt: skip
    return values | changes


def test_a_room_is_closed_shown_and_opened_again(office: Client, sea: Property, htmx: dict[str, Any]) -> None:
    assert b"Every room is in order" in office.get(PAGE).content
    assert office.post(PAGE, typed(sea)).status_code == 302
    row = OutOfOrder.objects.get()

    assert "&lt;b&gt;Shower&lt;/b&gt;" in office.get(PAGE).content.decode()
    plan = office.get("/h/SEA/plan/").content.decode()
    assert 'data-condition="out_of_order"' in plan and "Out of order: &lt;b&gt;Shower" in plan

    dialog = office.get(f"{PAGE}{row.pk}/", headers=htmx)
    assert f'value="{row.last.isoformat()}"' in dialog.content.decode()
    later = (row.last + dt.timedelta(days=2)).isoformat()
    change = {"last": later, "reason": "Tiles", "return_condition": "dirty", "version": row.version}
    assert office.post(f"{PAGE}{row.pk}/", change, headers=htmx).status_code == 200
    row.refresh_from_db()
    assert (row.last.isoformat(), row.reason) == (later, "Tiles")

    assert office.post(f"{PAGE}{row.pk}/end/", headers=htmx).status_code == 200
    assert b"Every room is in order" in office.get(PAGE).content


def test_what_was_typed_stays_when_stays_are_in_the_way(office: Client, sea: Property) -> None:
    stays = [make_reservation(hotel=sea), make_reservation(hotel=sea)]

    answer = office.post(PAGE, typed(sea))
    assert answer.status_code == 409
    assert "Every room is needed" in answer.content.decode()

    assert office.post(PAGE, typed(sea, forced="on")).status_code == 302
    assert stays and OutOfOrder.objects.count() == 1
    wrong = office.post(PAGE, typed(sea, last="2020-01-01"))
    assert wrong.status_code == 422


def test_the_desk_sees_them_and_closes_none(desk: Client, sea: Property) -> None:
    out_of_order_set(
        hotel=sea, room_id=room("102").pk, kind="out_of_service", reason="Paint smells",
        first=sea.business_date, last=sea.business_date,
    )  # fmt: skip

    html = desk.get(PAGE).content.decode()

    assert "Paint smells" in html and "close-room" not in html
    assert desk.post(PAGE, typed(sea)).status_code == 403
    assert 'data-condition="out_of_service"' in desk.get("/h/SEA/plan/").content.decode()
