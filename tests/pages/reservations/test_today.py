"""The page of the day: its lists, its figures, who may see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.live.pages import audience_of
from properties.models import Property, Room
from reservations.fragments import ARRIVAL_ROW, DAY_FIGURES, DEPARTURE_ROW, IN_HOUSE_ROW, ROOM_CELL, WORK_ITEM
from reservations.services.front_desk import reservation_check_in
from reservations.services.stays import reservation_assign_room
from tests.clients import signed_in
from tests.factories.reservations import make_booking, make_reservation


def room(hotel: Property, number: str) -> Room:
    """Return a room of the hotel."""
    return Room.objects.get(property=hotel, number=number)


def arrived(hotel: Property, number: str, **options: Any) -> Any:
    """Book a stay into a room and check it in."""
    stay = make_reservation(hotel=hotel, **options)
    reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room(hotel, number).pk)
    return reservation_check_in(hotel=hotel, reservation_id=stay.pk)


def test_an_empty_day_teaches_the_next_step(desk: Client) -> None:
    page = desk.get("/h/SEA/")

    assert page.status_code == 200
    assert b"Nobody arrives today" in page.content
    assert b"All decided" in page.content


def test_every_list_shows_its_stays(desk: Client, sea: Property) -> None:
    coming = make_reservation(hotel=sea, name="Ida Falk", nights=2)
    here = arrived(sea, "201", room_type="SGL", name="Jo Berg", nights=3)

    html = desk.get("/h/SEA/").content.decode()

    assert f'id="arrival-row-{coming.pk}"' in html
    assert f'id="work-item-{coming.pk}"' in html
    assert f'id="in-house-row-{here.pk}"' in html
    assert f'id="departure-row-{here.pk}"' not in html
    assert "1 to come · 1 arrived" in html


def test_a_stay_for_tomorrow_is_on_no_list(desk: Client, sea: Property) -> None:
    later = make_reservation(hotel=sea, arrival=sea.business_date.replace(day=20))

    assert str(later.pk) not in desk.get("/h/SEA/").content.decode()


def test_the_figures_are_net_and_of_tonight(desk: Client, sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, rooms=2, nights=2, adults=2)  # two doubles at 120.00, 112.15 net
    make_reservation(hotel=sea, room_type="SGL", rate_plan="BB")  # 90.00 for the room, 84.11 net; breakfast apart

    figures = DAY_FIGURES.rows([sea.pk], audience_of(hugo, sea.pk))[sea.pk]

    assert (figures.sold, figures.sellable) == (3, 4)
    assert str(figures.occupancy) == "75.0"
    assert str(figures.adr) == "102.80"  # (112.15 × 2 + 84.11) / 3 = 102.803…
    assert str(figures.revpar) == "77.10"
    assert (figures.due, figures.roomless) == (3, 3)


def test_a_piece_equals_its_part_of_the_page(desk: Client, sea: Property, hugo: User) -> None:
    coming = make_reservation(hotel=sea, name="Ida Falk")
    here = arrived(sea, "201", room_type="SGL", nights=3)
    audience = audience_of(hugo, sea.pk)

    html = desk.get("/h/SEA/").content.decode()

    for fragment, pk in (
        (ARRIVAL_ROW, coming.pk),
        (WORK_ITEM, coming.pk),
        (IN_HOUSE_ROW, here.pk),
        (ROOM_CELL, room(sea, "201").pk),
        (DAY_FIGURES, sea.pk),
    ):
        assert fragment.render(pk, audience) in html
    assert DEPARTURE_ROW.render(coming.pk, audience) == ""


def test_the_page_costs_the_same_for_one_stay_and_for_many(
    desk: Client, sea: Property, django_assert_max_num_queries: Any
) -> None:
    make_booking(hotel=sea, rooms=2)
    arrived(sea, "201", room_type="SGL")
    desk.get("/h/SEA/")  # the rights of Hugo are read once

    with django_assert_max_num_queries(30) as few:
        desk.get("/h/SEA/")
    make_reservation(hotel=sea, room_type="SUI")
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get("/h/SEA/")


def test_what_a_guest_wrote_stays_text(desk: Client, sea: Property) -> None:
    make_reservation(hotel=sea, name="Eva <img src=x hx-get=/>")

    html = desk.get("/h/SEA/").content.decode()

    assert "<img src=x" not in html
    assert "&lt;img src=x hx-get=/&gt;" in html


def test_a_housekeeper_begins_at_her_own_first_section(sea: Property, maria: User) -> None:
    page = signed_in(maria).get("/h/SEA/", follow=True)

    assert page.status_code == 200
    assert page.redirect_chain[0][0] not in {"", "/h/SEA/"}
    assert "Arrivals" not in page.content.decode()


def test_a_stranger_finds_no_hotel(sea: Property, eve: User) -> None:
    assert signed_in(eve).get("/h/SEA/").status_code == 404


def test_somebody_signed_out_is_asked_to_sign_in(client: Client, sea: Property) -> None:
    assert client.get("/h/SEA/").status_code == 302


@pytest.mark.parametrize("path", ["/h/SEA/reservations/", "/h/SEA/bookings/new/"])
def test_a_housekeeper_may_not_see_reservations(sea: Property, maria: User, path: str) -> None:
    assert signed_in(maria).get(path).status_code == 403
