"""The way in: home, the frame around the pages, the sections a person may enter."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.events.selectors import stream_head
from properties import selectors
from properties.models import Property, Room
from properties.services import room_mark
from tests.committed import commit
from tests.factories.properties import make_user


def test_home_leads_to_the_first_section_of_the_first_hotel(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    answer = client.get("/", follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain[0][0] == "/h/SEA/"


def test_home_asks_a_stranger_to_sign_in(client: Client, hotel: Property) -> None:
    assert client.get("/")["Location"] == "/account/login/?next=/"


def test_somebody_without_a_hotel_is_told_what_to_do(client: Client, hotel: Property) -> None:
    client.force_login(make_user(name="Nina New"))

    answer = client.get("/")

    assert answer.status_code == 200
    assert "No hotel has invited you yet" in answer.content.decode()


def test_a_code_in_small_letters_finds_the_hotel(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    assert client.get("/h/sea/rooms/").status_code == 200


def test_the_frame_names_hotel_person_and_role(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    shell = client.get("/h/SEA/rooms/").context["shell"]

    assert shell["hotel"]["code"] == "SEA"
    assert shell["user"] == {"display_name": "Maria Kowalska", "initials": "MK", "role_label": "Housekeeper"}
    assert shell["live_url"] == "/ws/h/SEA/"
    assert [item["code"] for item in shell["nav"] if item["current"]] == ["rooms"]


def test_also_a_form_follows_the_day_of_the_hotel(client: Client, hotel: Property, room: Room, anna: User) -> None:
    """Also when it was refused: somebody may sit before it over midnight."""
    room_mark(room_id=room.pk, condition="dirty")
    commit(run=False)
    client.force_login(anna)
    form = "/h/SEA/room-types/add/"

    for answer in (client.get(form), client.post(form, {"code": ""})):
        shell = answer.context["shell"]
        assert f"business_date:{hotel.pk}" in shell["topics"].split()
        assert shell["head"] == stream_head(hotel.pk).seq > 0
        assert f'id="business-date-{hotel.pk}"' in answer.content.decode()


def test_what_happens_while_a_page_is_asked_for_comes_after_it(
    client: Client, hotel: Property, room: Room, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame shows the hotel's row: news between that row and the rest of the page must not count as known."""
    client.force_login(anna)
    client.get("/h/SEA/rooms/")
    before = stream_head(hotel.pk).seq

    def permitted(*asked: Any) -> None:
        room_mark(room_id=room.pk, condition="dirty")
        commit(run=False)

    monkeypatch.setattr(selectors, "permitted", permitted)
    shell = client.get("/h/SEA/rooms/").context["shell"]

    assert shell["head"] == before < stream_head(hotel.pk).seq


def test_sections_are_those_of_the_persons_rights(client: Client, hotel: Property, maria: User, anna: User) -> None:
    client.force_login(maria)
    hers = {item["code"] for item in client.get("/h/SEA/rooms/").context["shell"]["nav"]}
    client.force_login(anna)
    managers = {item["code"] for item in client.get("/h/SEA/rooms/").context["shell"]["nav"]}

    assert "rooms" in hers
    assert not hers & {"staff", "settings", "audit"}
    assert managers >= {"rooms", "staff", "settings", "audit"}


def test_the_switch_offers_only_ones_own_hotels(
    client: Client, hotel: Property, other_hotel: Property, maria: User
) -> None:
    client.force_login(maria)

    assert [other["code"] for other in client.get("/h/SEA/rooms/").context["shell"]["hotels"]] == ["SEA"]
