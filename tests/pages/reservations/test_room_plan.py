"""The room plan as its readers get it: the page, the rows fetched while it is open, the card of one stay."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pms.accounts.models import User
from properties.models import Property, Room
from reservations.models import Reservation
from reservations.services.stays import reservation_assign_room
from tests.clients import signed_in
from tests.factories.properties import TRIAL_DATE, make_room
from tests.factories.reservations import make_reservation, open_for_sale

PLAN = "/h/SEA/plan/"
ROWS = "/h/SEA/plan/rows/"
HTMX = {"HX-Request": "true"}


def into(number: str, stay: Reservation) -> Room:
    room = Room.objects.get(property=stay.property, number=number)
    reservation_assign_room(hotel=stay.property, reservation_id=stay.pk, room_id=room.pk)
    return room


def page_of(user: User, query: str = "") -> str:
    answer = signed_in(user).get(PLAN + query)
    assert answer.status_code == 200
    return answer.content.decode()


def bar_of(stay: Reservation, page: str) -> str:
    found = re.search(rf'<button id="bar-{stay.number}".*?</button>', page)
    assert found, f"{stay.number} has no bar"
    return found.group()


def row_of(room: Room, page: str) -> str:
    found = re.search(rf'<li class="[^"]*" id="row-{room.pk}".*?</li>', page)
    assert found, f"{room.number} has no row"
    return found.group()


def test_a_stay_stands_in_the_row_of_its_room_and_says_so(sea: Property, hugo: User):
    stay = make_reservation(hotel=sea, nights=2)
    room = into("101", stay)

    page = page_of(hugo)

    bar = bar_of(stay, row_of(room, page))
    assert 'class="stay c2 s2"' in bar
    assert 'data-status="confirmed"' in bar
    assert 'Jordi Martí</span><span class="hidden-visually">, Confirmed</span>' in bar
    assert 'aria-label="Room 101, Double"' in row_of(room, page)


def test_a_stay_without_a_room_lies_in_the_lane_of_its_type(sea: Property, hugo: User):
    stay = make_reservation(hotel=sea, nights=3)

    page = page_of(hugo)

    lane = re.search(rf'id="lane-{stay.room_type_id}".*?</li>', page)
    assert lane and "No room 1" in re.sub("<[^>]*>", "", lane.group())
    assert 'class="stay c2 s3 r1"' in bar_of(stay, lane.group())


def test_an_empty_lane_is_kept_hidden_until_a_stay_comes(sea: Property, hugo: User):
    page = page_of(hugo)

    assert len(re.findall(r'<li class="plan-row lane" id="[^"]*" data-seq="\d+" hidden>', page)) == 4


def test_a_room_of_a_finer_type_than_booked_is_marked_as_upgrade(sea: Property, hugo: User):
    stay = make_reservation(hotel=sea)
    into("501", stay)

    assert "#arrow-up" in bar_of(stay, page_of(hugo))
    assert ", Confirmed, upgrade" in bar_of(stay, page_of(hugo))


def test_what_is_left_is_shown_for_each_type_and_the_house_and_an_oversell_is_red(sea: Property, hugo: User):
    make_reservation(hotel=sea, room_type="SUI")
    make_reservation(hotel=sea, room_type="SUI", forced=True)

    foot = page_of(hugo).partition('class="plan-foot"')[2]

    assert '<span class="short" data-tone="red">−1</span>' in foot
    assert foot.count("<span>2</span>") >= 1


def test_the_window_and_the_grouping_are_in_the_address(sea: Property, hugo: User):
    page = page_of(hugo, "?from=2026-03-20&days=30&group=floor")

    assert 'data-days="30" data-group="floor"' in page
    assert "20 Mar – 18 Apr 2026" in page
    assert 'href="?from=2026-02-18&amp;days=30&amp;group=floor"' in page
    assert 'href="?from=2026-04-19&amp;days=30&amp;group=floor"' in page


def test_the_business_date_and_weekends_are_marked(sea: Property, hugo: User):
    page = page_of(hugo, "?from=2026-03-12")

    assert f'class="day is-today" data-date="{TRIAL_DATE}"' in page or (
        f'class="day weekend is-today" data-date="{TRIAL_DATE}"' in page
    )
    assert 'class="day weekend" data-date="2026-03-13"' in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'O\'Neil "Jo" & <b>Co</b>', "{guest} {0} %s"])
def test_names_never_become_markup(sea: Property, hugo: User, name: str):
    stay = make_reservation(hotel=sea, name=name)
    room = into("101", stay)

    for text in (page_of(hugo), rows_of(hugo, row=str(room.pk))[f"row-{room.pk}"]):
        bar = bar_of(stay, text)
        assert f'<span class="clip">{html.escape(name)}</span>' in bar
        assert "<script>alert" not in text


def test_room_numbers_and_floors_never_become_markup(sea: Property, hugo: User):
    room = make_room(hotel=sea, number='<i>"9', floor="<b>'1")

    page = page_of(hugo, "?group=floor")

    assert "<b>&lt;i&gt;&quot;9</b>" in row_of(room, page)
    assert "&lt;b&gt;&#x27;1" in page
    assert '<i>"9' not in page and "<b>'1" not in page


def rows_of(user: User, query: str = "", **asked: Any) -> dict[str, str]:
    answer = signed_in(user).get(ROWS + query, asked or None)
    assert answer.status_code == 200
    return {piece["id"]: piece["html"] for piece in answer.json()["pieces"]}


@pytest.mark.parametrize("query", ["", "?from=2026-03-10&days=30&group=floor", "?from=2026-03-15&days=7"])
def test_a_fetched_row_lane_and_figures_equal_those_of_the_page(sea: Property, hugo: User, query: str):
    room = into("102", make_reservation(hotel=sea, nights=4))
    waiting = make_reservation(hotel=sea, nights=2)
    page = page_of(hugo, query)

    sign = "&" if query else "?"
    pieces = rows_of(hugo, f"{query}{sign}row={room.pk}&lane={waiting.room_type_id}&stock=1")

    assert {f"row-{room.pk}", f"lane-{waiting.room_type_id}", "plan-head", "plan-foot"} <= set(pieces)
    for name, text in pieces.items():
        if name.startswith("type-") and "group=floor" in query:
            continue
        assert text in page, name


def test_the_row_of_a_room_that_is_gone_or_of_another_hotel_comes_empty(
    sea: Property, hugo: User, other_hotel: Property
):
    theirs = Room.objects.filter(property=other_hotel).first()
    assert theirs is not None

    assert rows_of(hugo, row=str(theirs.pk)) == {f"row-{theirs.pk}": ""}
    assert rows_of(hugo, row="nonsense") == {}


def test_the_number_of_queries_does_not_depend_on_rooms_stays_or_days(sea: Property, hugo: User):
    client = signed_in(hugo)
    into("101", make_reservation(hotel=sea))
    make_reservation(hotel=sea, room_type="SGL")

    def queries(query: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(PLAN + query).status_code == 200
        return len(seen)

    queries("")  # the first request of a session reads more
    few = queries("?days=7")
    for place in range(12):
        room = make_room(hotel=sea, room_type=Room.objects.get(property=sea, number="101").room_type)
        into(room.number, make_reservation(hotel=sea, arrival=TRIAL_DATE + dt.timedelta(days=place % 5), nights=2))
        make_reservation(hotel=sea, room_type="SUI", arrival=TRIAL_DATE + dt.timedelta(days=place * 2))

    assert queries("?days=60") == few


def test_the_card_of_a_stay_opens_in_the_dialog(sea: Property, hugo: User):
    stay = make_reservation(hotel=sea, nights=2, notes="Late <arrival>")
    into("101", stay)

    card = signed_in(hugo).get(f"/h/SEA/plan/stays/{stay.number}/", headers=HTMX).content.decode()

    assert 'id="dialog-title"' in card and "Jordi Martí" in card and "<b>101</b>" in card
    assert "Late &lt;arrival&gt;" in card


def test_an_unknown_stay_and_one_of_another_hotel_are_not_there(sea: Property, hugo: User, other_hotel: Property):
    theirs = make_reservation(hotel=open_for_sale(other_hotel))

    for number in ("NOPE-1", theirs.number):
        assert signed_in(hugo).get(f"/h/SEA/plan/stays/{number}/", headers=HTMX).status_code == 404


def test_a_stranger_sees_nothing_a_colleague_without_the_right_is_told_so(hotel: Property, maria: User, eve: User):
    for path in (PLAN, ROWS, "/h/SEA/plan/stays/X/"):
        assert signed_in(eve).get(path).status_code == 404
        assert signed_in(maria).get(path).status_code == 403
        assert Client().get(path).status_code == 302
        assert signed_in(eve).post(path).status_code == 405


def test_a_hotel_without_rooms_is_told_what_comes_next(hotel: Property, hugo: User):
    for room in Room.objects.filter(property=hotel):
        room.archived_at = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)
        room.save()

    assert "No rooms yet" in page_of(hugo)
