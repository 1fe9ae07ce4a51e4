"""Paper: a page printed says what it is, of which hotel and day and by whom, and shows no buttons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property, Room
from reservations.services.stays import reservation_assign_room
from tests.browsing import DESK, at_work
from tests.factories.reservations import make_reservation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paper(hotel_for_sale: Property, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    stay = make_reservation(hotel=hotel_for_sale, name="Nora Paper", nights=2)
    room = Room.objects.get(property=hotel_for_sale, number="101")
    reservation_assign_room(hotel=hotel_for_sale, reservation_id=stay.pk, room_id=room.pk)
    with at_work(browser, live_server_url, hugo, viewport=DESK) as window:
        page = window.new_page()
        page.emulate_media(media="print")
        yield page


@pytest.mark.parametrize("path", ["", "reservations/", "rooms/", "my-rooms/"])
def test_a_list_on_paper_has_its_heading_and_nothing_to_press(paper: Page, path: str) -> None:
    paper.goto(f"/h/SEA/{path}")
    paper.evaluate("dispatchEvent(new Event('beforeprint'))")

    expect(paper.locator("h1")).to_be_visible()
    expect(paper.locator(".printed")).to_contain_text("Printed by Hugo Lindt")
    assert paper.locator(".printed time").get_attribute("datetime")
    expect(paper.locator("main button:visible, main .btn:visible, aside.sidebar:visible")).to_have_count(0)
    assert not paper.locator("main details:not([open], .menu)").count()

    # On the screen again, as it was.
    paper.evaluate("dispatchEvent(new Event('afterprint'))")
    paper.emulate_media(media="screen")
    expect(paper.locator(".printed")).to_be_hidden()
    expect(paper.locator("aside.sidebar")).to_be_visible()


def test_the_room_plan_keeps_its_bars(paper: Page) -> None:
    paper.goto("/h/SEA/plan/")

    expect(paper.locator("[id^=bar-]", has_text="Nora Paper")).to_be_visible()
    assert paper.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_palette_prints(paper: Page) -> None:
    paper.goto("/h/SEA/rooms/")
    paper.emulate_media(media="screen")
    paper.evaluate("window.print = () => { window.printed = !document.querySelector('dialog[open]') }")
    paper.keyboard.press("Control+k")
    paper.keyboard.type("print")
    paper.keyboard.press("Enter")

    paper.wait_for_function("window.printed === true")
