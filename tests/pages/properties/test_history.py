"""The history of a row, opened on its page: who, what, old → new, from where, as far as the reader may know."""

from __future__ import annotations

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.core import slots
from pms.core.acting import act_as
from properties import services
from properties.history import HISTORIES
from properties.models import Property, Room
from tests.factories.channels import make_connection
from tests.factories.folios import make_guest_in_house, open_for_business


def told(client: Client, kind: str, pk: object) -> str:
    answer = client.get(f"/h/SEA/history/{kind}/{pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_says_who_what_and_from_where(client: Client, hotel: Property, room: Room, anna: User) -> None:
    with act_as(via="web", user=anna, address="10.0.0.9"):
        services.room_mark(room_id=room.pk, condition="dirty")
    client.force_login(anna)

    html = told(client, "room", room.pk)

    assert "<b>Anna Sommer</b>" in html and "<del>clean</del> → <ins>dirty</ins>" in html
    assert "at the desk, 10.0.0.9" in html


def test_addresses_are_for_readers_of_the_log(client: Client, hotel: Property, room: Room, maria: User) -> None:
    with act_as(via="web", user=maria, address="10.0.0.9"):
        services.room_mark(room_id=room.pk, condition="dirty")
    client.force_login(maria)

    html = told(client, "room", room.pk)

    assert "<ins>dirty</ins>" in html and "10.0.0.9" not in html


def test_every_kind_is_on_the_page_of_its_row(client: Client, hotel: Property, room: Room, olga: User) -> None:
    hotel = open_for_business(hotel)
    _stay, folio = make_guest_in_house(hotel=hotel, room="102")
    channel = make_connection(hotel=hotel)
    helper = hotel.members.exclude(user=olga).first() if hasattr(hotel, "members") else None
    pages = {
        "folio": (folio.pk, f"/h/SEA/folios/{folio.pk}/"),
        "channel": (channel.pk, f"/h/SEA/channels/{channel.pk}/"),
        "hotel": (hotel.pk, "/h/SEA/settings/"),
        "room": (room.pk, None),
        "room_type": (room.room_type_id, None),
        "staff": (helper.pk if helper else None, None),
    }
    assert {entry.code for entry in slots.entries(HISTORIES)} == set(pages)
    client.force_login(olga)
    for kind, (pk, page) in pages.items():
        if page:
            assert f'hx-get="/h/SEA/history/{kind}/{pk}/"' in client.get(page).content.decode(), kind
        if pk:
            assert "<li>" in told(client, kind, pk), kind


@pytest.mark.parametrize("kind", ["room", "guest"])
def test_rows_of_another_hotel_and_unknown_kinds_are_not_there(
    client: Client, hotel: Property, other_hotel: Property, anna: User, kind: str
) -> None:
    client.force_login(anna)
    foreign = Room.objects.filter(property=other_hotel).latest("pk")

    assert client.get(f"/h/SEA/history/{kind}/{foreign.pk}/").status_code == 404


def test_each_history_asks_for_the_right_of_its_page(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    assert client.get(f"/h/SEA/history/hotel/{hotel.pk}/").status_code == 403
