"""The rooms board: who sees it, marking in place, the same piece on the page and in the answer."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from pms.core import slots
from pms.live.pages import audience_of
from properties import cards, services
from properties.fragments import ROOM_CARD
from properties.models import Property, Room

HTMX = {"HX-Request": "true"}


def page(client: Client, hotel: Property, query: str = "") -> Any:
    return client.get(reverse("properties:list_rooms", args=[hotel.code]) + query)


def mark(client: Client, room: Room, condition: str, version: int | None = None) -> Any:
    url = reverse("properties:mark_room", args=[room.property.code, room.pk])
    return client.post(url, {"condition": condition, "version": version or room.version}, headers=HTMX)


def without_seq(html: str) -> str:
    return re.sub(r' data-seq="\d*"', "", html).strip()


def test_the_board_shows_every_room_by_floor(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    html = page(client, hotel).content.decode()

    assert re.findall(r"<b>(\d+)</b>", html) == ["101", "102", "201", "501"]
    assert "Floor 1" in html
    assert f'data-live-topics="room_card room_counts business_date:{hotel.pk}"' in html


def test_a_stranger_does_not_learn_that_the_hotel_exists(client: Client, hotel: Property, eve: User) -> None:
    client.force_login(eve)

    assert page(client, hotel).status_code == 404
    assert client.get("/h/NOPE/rooms/").status_code == 404


def test_somebody_signed_out_is_led_to_the_door_and_back(client: Client, hotel: Property) -> None:
    answer = page(client, hotel)

    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=/h/SEA/rooms/"


def test_htmx_learns_of_a_lost_session_without_a_page(client: Client, room: Room) -> None:
    assert mark(client, room, "dirty").status_code == 401


def test_a_get_marks_nothing(client: Client, room: Room, maria: User) -> None:
    client.force_login(maria)

    answer = client.get(reverse("properties:mark_room", args=["SEA", room.pk]), {"condition": "dirty"})

    assert answer.status_code == 405
    assert Room.objects.get(pk=room.pk).condition == "clean"


def test_a_mark_answers_with_the_piece_that_everybody_gets(
    client: Client, hotel: Property, room: Room, maria: User
) -> None:
    client.force_login(maria)

    answer = mark(client, room, "dirty")

    piece = answer.content.decode()
    assert Room.objects.get(pk=room.pk).condition == "dirty"
    assert without_seq(piece) == without_seq(ROOM_CARD.render(room.pk, audience_of(maria, hotel.pk)))
    assert without_seq(piece) in without_seq(page(client, hotel).content.decode())


def test_buttons_that_the_viewer_may_not_use_are_not_drawn(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    html = page(client, hotel).content.decode()

    assert 'value="dirty"' in html
    assert 'value="inspected"' not in html


def test_an_auditor_sees_rooms_without_buttons(client: Client, hotel: Property, room: Room) -> None:
    member = services.staff_add(property_id=hotel.pk, email="tom@sea.example", name="Tom", roles=["auditor"])
    client.force_login(member.user)

    assert "hx-post" not in page(client, hotel).content.decode()
    assert mark(client, room, "dirty").status_code == 403
    assert Room.objects.get(pk=room.pk).condition == "clean"


def test_an_inspection_is_a_supervisors_word(client: Client, room: Room, maria: User, sara: User) -> None:
    client.force_login(maria)
    assert mark(client, room, "inspected").status_code == 403
    assert Room.objects.get(pk=room.pk).condition == "clean"

    client.force_login(sara)
    assert mark(client, room, "inspected").status_code == 200
    assert Room.objects.get(pk=room.pk).condition == "inspected"


def test_a_room_marked_otherwise_meanwhile_is_shown_and_left_alone(client: Client, room: Room, maria: User) -> None:
    services.room_mark(room_id=room.pk, condition="touch_up")
    client.force_login(maria)

    answer = mark(client, room, "dirty", version=room.version)

    assert answer.status_code == 409
    assert 'data-condition="touch_up"' in answer.content.decode()
    assert json.loads(answer["HX-Trigger"])["toast"]["tone"] == "amber"
    assert Room.objects.get(pk=room.pk).condition == "touch_up"


def test_a_room_of_another_hotel_is_not_there(
    client: Client, hotel: Property, other_hotel: Property, maria: User
) -> None:
    foreign = Room.objects.get(property=other_hotel, number="101")
    client.force_login(maria)
    url = reverse("properties:mark_room", args=["SEA", foreign.pk])

    answer = client.post(url, {"condition": "dirty", "version": 1}, headers=HTMX)

    assert answer.status_code == 404
    assert Room.objects.get(pk=foreign.pk).condition == "clean"


def test_a_mark_can_be_taken_back(client: Client, room: Room, sara: User, maria: User) -> None:
    services.room_mark(room_id=room.pk, condition="inspected")
    room.refresh_from_db()
    client.force_login(maria)

    undo = json.loads(mark(client, room, "dirty")["HX-Trigger"])["toast"]["undo"]
    answer = client.post(undo, headers=HTMX)

    assert answer.status_code == 204 and "HX-Retarget" not in answer, "the card may be gone where the message still is"
    assert json.loads(answer["HX-Trigger"])["pieces:changed"] == "room_card"
    assert Room.objects.get(pk=room.pk).condition == "inspected"


def test_a_mark_is_not_taken_back_over_somebody_elses(client: Client, room: Room, maria: User) -> None:
    client.force_login(maria)
    undo = json.loads(mark(client, room, "dirty")["HX-Trigger"])["toast"]["undo"]
    services.room_mark(room_id=room.pk, condition="touch_up")

    answer = client.post(undo, headers=HTMX)

    assert json.loads(answer["HX-Trigger"])["toast"]["tone"] == "amber"
    assert Room.objects.get(pk=room.pk).condition == "touch_up"


@pytest.mark.parametrize("room_id", ["102", "101"])
def test_an_undo_is_for_its_own_room_and_untouched(
    client: Client, hotel: Property, room: Room, maria: User, room_id: str
) -> None:
    client.force_login(maria)
    token = json.loads(mark(client, room, "dirty")["HX-Trigger"])["toast"]["undo"].split("/")[-2]
    target = Room.objects.get(property=hotel, number=room_id)
    forged = token if room_id == "102" else token[:-2]

    answer = client.post(reverse("properties:unmark_room", args=["SEA", target.pk, forged]), headers=HTMX)

    assert answer.status_code == 422
    assert Room.objects.get(pk=target.pk).condition == ("clean" if room_id == "102" else "dirty")


def test_the_filter_stands_in_the_address(client: Client, hotel: Property, room: Room, maria: User) -> None:
    client.force_login(maria)

    assert 'data-filter="dirty"' in page(client, hotel, "?condition=dirty").content.decode()
    assert 'data-filter=""' in page(client, hotel, "?condition=nonsense").content.decode()


def test_an_upper_app_adds_its_facts_to_the_card(
    client: Client, hotel: Property, room: Room, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def facts(pks: list[uuid.UUID], audience: Any) -> dict[uuid.UUID, dict[str, str]]:
        return {room.pk: {"label": "Feather-free pillows"}}

    entry = slots.Entry(code="test", provider=facts, template="tests/extra.html", right="room_view")
    monkeypatch.setitem(slots._slots[cards.SLOT], "test", entry)

    row = cards.room_rows([room.pk], audience_of(maria, hotel.pk))[room.pk]

    assert row.extras == [cards.Extra("tests/extra.html", {"label": "Feather-free pillows"})]


def test_a_house_without_rooms_teaches_the_next_step(client: Client, hotel: Property, maria: User) -> None:
    for room in Room.objects.filter(property=hotel):
        services.room_archive(room_id=room.pk)
    client.force_login(maria)

    assert "There are no rooms yet" in page(client, hotel).content.decode()


def test_the_page_costs_the_same_for_four_rooms_and_fifty(
    client: Client, trial_hotel: Property, django_assert_max_num_queries: Any
) -> None:
    client.force_login(User.objects.get(email="maria@sea.example"))
    page(client, trial_hotel)

    with django_assert_max_num_queries(14):
        page(client, trial_hotel)
