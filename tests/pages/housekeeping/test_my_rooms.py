"""My rooms: who sees it, the working order, one tap, a tap that comes twice, somebody who was faster."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from housekeeping.fragments import MY_ROOM_CARD, ROOMS_DONE
from pms.accounts.models import User
from pms.core.models import IdempotencyRecord
from pms.events.models import StreamEvent
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark, staff_add
from reservations.services.front_desk import reservation_check_out
from tests.factories.housekeeping import expected_in, guest_in
from tests.factories.reservations import open_for_sale
from tests.live import sight

HTMX = {"HX-Request": "true"}
NUMBER = re.compile(r'class="number"[^>]*><span[^>]*>Room </span>(\d+)<')


@pytest.fixture
def sea(hotel: Property) -> Property:
    """SEA, open for sale."""
    return open_for_sale(hotel)


def page(client: Client, hotel: Property, query: str = "") -> str:
    answer = client.get(reverse("housekeeping:my_rooms", args=[hotel.code]) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def mark(client: Client, room: Room, condition: str, **sent: Any) -> Any:
    url = reverse("housekeeping:mark_room", args=[room.property.code, room.pk])
    return client.post(url, {"condition": condition, "version": room.version, **sent}, headers=HTMX)


def numbered(hotel: Property, number: str) -> Room:
    return Room.objects.select_related("property", "room_type").get(property=hotel, number=number)


def toast(answer: Any) -> dict[str, str]:
    told: dict[str, str] = json.loads(answer["HX-Trigger"])["toast"]
    return told


def test_a_housekeeper_begins_with_her_rooms(client: Client, hotel: Property, maria: User, hugo: User) -> None:
    client.force_login(maria)
    assert client.get("/h/SEA/", follow=True).redirect_chain[-1][0] == "/h/SEA/my-rooms/"

    client.force_login(hugo)
    assert client.get("/h/SEA/").status_code == 200  # the page of the day


def test_rooms_stand_in_working_order(client: Client, sea: Property, maria: User) -> None:
    room_mark(room_id=numbered(sea, "101").pk, condition="touch_up")
    room_mark(room_id=numbered(sea, "201").pk, condition="dirty")
    room_mark(room_id=numbered(sea, "102").pk, condition="dirty")
    expected_in(numbered(sea, "102"))
    client.force_login(maria)

    # 102 waits for an arrival, 201 is dirty, 101 needs a touch-up; the suite is clean and waits for an inspection.
    assert NUMBER.findall(page(client, sea)) == ["102", "201", "101", "501"]


def test_ready_rooms_stand_last_and_quiet(client: Client, hotel: Property, maria: User) -> None:
    room_mark(room_id=numbered(hotel, "201").pk, condition="dirty")
    client.force_login(maria)

    html = page(client, hotel)

    assert NUMBER.findall(html) == ["201", "501", "101", "102"]
    assert '<span class="n" data-live-count="my-ready">2</span>' in html
    assert "3 of 4 done" in html


def test_a_filter_stands_in_the_address(client: Client, hotel: Property, maria: User) -> None:
    room_mark(room_id=numbered(hotel, "201").pk, condition="dirty")
    room_mark(room_id=numbered(hotel, "101").pk, condition="dirty")
    client.force_login(maria)

    assert NUMBER.findall(page(client, hotel, "?show=todo")) == ["101", "201"]
    assert NUMBER.findall(page(client, hotel, "?show=todo&floor=2")) == ["201"]
    assert NUMBER.findall(page(client, hotel, "?floor=1")) == ["101", "102"]
    assert len(NUMBER.findall(page(client, hotel, "?show=nonsense"))) == 4
    assert "Nothing here" in page(client, hotel, "?show=todo&floor=5")


def test_an_auditor_and_a_stranger_do_not_get_in(client: Client, hotel: Property, eve: User) -> None:
    member = staff_add(property_id=hotel.pk, email="tom@sea.example", name="Tom", roles=["auditor"])
    room = numbered(hotel, "101")
    url = reverse("housekeeping:my_rooms", args=[hotel.code])

    client.force_login(member.user)
    assert (client.get(url).status_code, mark(client, room, "dirty").status_code) == (403, 403)
    client.force_login(eve)
    assert (client.get(url).status_code, mark(client, room, "dirty").status_code) == (404, 404)
    assert numbered(hotel, "101").condition == "clean"


def test_a_room_of_another_hotel_is_not_there(
    client: Client, hotel: Property, other_hotel: Property, maria: User
) -> None:
    foreign = numbered(other_hotel, "101")
    client.force_login(maria)

    answer = client.post(
        reverse("housekeeping:mark_room", args=["SEA", foreign.pk]), {"condition": "dirty", "version": 1}, headers=HTMX
    )

    assert answer.status_code == 404
    assert numbered(other_hotel, "101").condition == "clean"


def test_an_inspection_is_a_supervisors_word(client: Client, hotel: Property, maria: User, sara: User) -> None:
    client.force_login(maria)
    assert 'value="inspected"' not in page(client, hotel)
    assert mark(client, numbered(hotel, "501"), "inspected").status_code == 403

    client.force_login(sara)
    assert 'value="inspected"' in page(client, hotel)
    assert mark(client, numbered(hotel, "501"), "inspected").status_code == 200
    assert numbered(hotel, "501").condition == "inspected"


def test_a_tap_answers_with_the_card_that_everybody_gets(client: Client, hotel: Property, maria: User) -> None:
    room = numbered(hotel, "101")
    room_mark(room_id=room.pk, condition="dirty")
    client.force_login(maria)

    answer = mark(client, numbered(hotel, "101"), "clean", key="k1")

    piece = answer.content.decode()
    assert sight(piece) == sight(MY_ROOM_CARD.render(room.pk, audience_of(maria, hotel.pk)))
    assert sight(piece) in re.sub(r"\s+", " ", sight(page(client, hotel)))
    assert json.loads(answer["HX-Trigger"])["pieces:changed"] == "my_room_card"
    assert toast(answer)["text"] == "Room 101: Clean"


def test_a_tap_that_comes_twice_counts_once(client: Client, hotel: Property, maria: User) -> None:
    room_mark(room_id=numbered(hotel, "101").pk, condition="dirty")
    room = numbered(hotel, "101")
    client.force_login(maria)

    first, second = mark(client, room, "clean", key="k1"), mark(client, room, "clean", key="k1")

    assert (first.status_code, second.status_code) == (200, 200)
    assert toast(first)["text"] == toast(second)["text"]
    assert StreamEvent.objects.filter(code="room.marked", object_id=room.pk, version=room.version + 1).count() == 1
    assert IdempotencyRecord.objects.get().client == f"user:{maria.pk}"


def test_a_repeat_after_somebody_else_does_not_mark_again(client: Client, hotel: Property, maria: User) -> None:
    room_mark(room_id=numbered(hotel, "101").pk, condition="dirty")
    room = numbered(hotel, "101")
    client.force_login(maria)
    mark(client, room, "clean", key="k1")
    room_mark(room_id=room.pk, condition="touch_up")

    again = mark(client, room, "clean", key="k1")

    assert numbered(hotel, "101").condition == "touch_up"
    assert 'data-condition="touch_up"' in again.content.decode()


def test_somebody_who_was_faster_is_shown(client: Client, hotel: Property, maria: User) -> None:
    room = numbered(hotel, "101")
    room_mark(room_id=room.pk, condition="touch_up")
    client.force_login(maria)

    answer = mark(client, room, "dirty", key="k2")

    assert (answer.status_code, toast(answer)["tone"]) == (409, "amber")
    assert 'data-condition="touch_up"' in answer.content.decode()
    assert numbered(hotel, "101").condition == "touch_up"
    assert not IdempotencyRecord.objects.exists()


def test_a_mark_can_be_taken_back_once(client: Client, hotel: Property, maria: User) -> None:
    room_mark(room_id=numbered(hotel, "501").pk, condition="inspected")
    client.force_login(maria)
    undo = toast(mark(client, numbered(hotel, "501"), "dirty", key="k1"))["undo"]

    assert client.post(undo, headers=HTMX).status_code == 204
    assert numbered(hotel, "501").condition == "inspected"

    room_mark(room_id=numbered(hotel, "501").pk, condition="touch_up")
    assert toast(client.post(undo, headers=HTMX))["tone"] == "amber"
    assert numbered(hotel, "501").condition == "touch_up"


def test_a_forged_undo_does_nothing(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)
    undo = toast(mark(client, numbered(hotel, "101"), "dirty", key="k1"))["undo"]
    forged = undo.replace(str(numbered(hotel, "101").pk), str(numbered(hotel, "102").pk))

    assert client.post(forged, headers=HTMX).status_code == 422
    assert client.post(undo[:-3] + "x/", headers=HTMX).status_code == 422
    assert numbered(hotel, "102").condition == "clean"


def test_marias_card_shows_the_arrival_without_a_name(client: Client, sea: Property, maria: User, hugo: User) -> None:
    expected_in(numbered(sea, "101"), name="Helene Brandt", adults=2)
    client.force_login(maria)
    html = page(client, sea)
    assert "Arrives today from 15:00 · 2 guests" in html
    assert "Brandt" not in html

    client.force_login(hugo)
    assert "Arrives today from 15:00 · 2 guests · Helene Brandt" in page(client, sea)
    board = client.get(reverse("properties:list_rooms", args=["SEA"])).content.decode()
    assert "Helene Brandt" in board


def test_a_room_that_was_left_is_dirty_on_marias_page(client: Client, sea: Property, maria: User) -> None:
    stay = guest_in(numbered(sea, "101"))
    client.force_login(maria)
    assert "Arrived today · 1 guest" in page(client, sea)

    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})

    assert NUMBER.findall(page(client, sea, "?show=todo")) == ["101"]


def test_old_pieces_and_what_is_pushed_are_the_fresh_page(sea: Property, maria: User) -> None:
    """Every change that touches a card is told: drawing only what was touched gives the same page as drawing all."""
    audience = audience_of(maria, sea.pk)
    rooms = list(Room.objects.filter(property=sea).values_list("pk", flat=True))
    shown = {**MY_ROOM_CARD.render_many(rooms, audience), **ROOMS_DONE.render_many([sea.pk], audience)}
    before = StreamEvent.objects.order_by("-id")[0].pk

    stay = guest_in(numbered(sea, "101"))
    expected_in(numbered(sea, "102"), name="Nora Neu")
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})

    told = {topic for event in StreamEvent.objects.filter(pk__gt=before) for topic in event.touches}
    for pk in list(shown):
        fragment = ROOMS_DONE if pk == sea.pk else MY_ROOM_CARD
        if fragment.topic(pk) in told:
            shown[pk] = fragment.render(pk, audience)
    fresh = {**MY_ROOM_CARD.render_many(rooms, audience), **ROOMS_DONE.render_many([sea.pk], audience)}
    assert {pk: sight(html) for pk, html in shown.items()} == {pk: sight(html) for pk, html in fresh.items()}


def test_the_page_costs_the_same_for_four_rooms_and_fifty(
    client: Client, trial_hotel: Property, django_assert_max_num_queries: Any
) -> None:
    client.force_login(User.objects.get(email="maria@sea.example"))
    page(client, trial_hotel)

    with django_assert_max_num_queries(16) as asked:
        page(client, trial_hotel)
    assert len(asked.captured_queries) > 5
