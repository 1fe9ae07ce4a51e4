"""The way in: home, the frame around the pages, the sections a person may enter."""

from __future__ import annotations

from django.test import Client

from pms.accounts.models import User
from properties.models import Property
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
