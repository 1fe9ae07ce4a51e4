"""The palette in a real Chromium: found while somebody types, opened by the keyboard, from every page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property
from reservations.models import Reservation
from tests.browsing import DESK, at_work
from tests.factories.reservations import make_reservation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stay(hotel_for_sale: Property) -> Reservation:
    return make_reservation(hotel=hotel_for_sale, name="Jordi Martí")


@pytest.fixture
def page(stay: Reservation, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    with at_work(browser, live_server_url, hugo, viewport=DESK) as window:
        page = window.new_page()
        page.goto("/h/SEA/rooms/")
        yield page


def test_a_guest_is_found_as_one_types_and_enter_opens_the_stay(page: Page, stay: Reservation) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("marti")
    option = page.get_by_role("option", name="Jordi Martí")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [role=status]")).to_have_text("Results: 1")

    page.keyboard.press("Enter")

    page.wait_for_url(f"**/h/SEA/reservations/{stay.pk}/")


def test_enter_before_the_answer_opens_what_is_found(page: Page, stay: Reservation) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("marti")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/h/SEA/reservations/{stay.pk}/")


def test_pages_are_filtered_at_once_and_arrows_go_on_into_what_was_found(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("ro")
    expect(page.locator("#palette-pages [role=option]:visible").first).to_contain_text("Room plan")
    page.locator("#palette input").fill("10")
    expect(page.locator("#palette-found [role=option]")).to_have_count(2)

    page.keyboard.press("ArrowDown")

    chosen = page.locator("#palette [aria-selected=true]")
    expect(chosen).to_contain_text("Room 102")
    assert page.locator("#palette input").get_attribute("aria-activedescendant") == chosen.get_attribute("id")


def test_nothing_found_says_so_and_an_emptied_field_shows_the_pages_again(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Nothing is called that.")).to_be_visible()

    page.locator("#palette input").fill("")

    expect(page.get_by_text("Nothing is called that.")).to_be_hidden()
    expect(page.locator("#palette-pages").get_by_role("option", name="Rooms", exact=True)).to_be_visible()


def test_pages_are_still_reached_when_the_house_does_not_answer(page: Page) -> None:
    page.route("**/find/**", lambda route: route.abort())
    page.keyboard.press("Control+k")

    page.keyboard.type("rooms")

    expect(page.locator("#palette").get_by_text("No connection.")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/h/SEA/rooms/")


def test_one_letter_begins_a_booking_from_every_page_and_throws_none_away(page: Page) -> None:
    page.keyboard.press("n")
    page.wait_for_url("**/bookings/new/")
    page.evaluate("window.kept = true")

    page.locator("h1").click()
    page.keyboard.press("n")

    page.wait_for_timeout(300)
    assert page.evaluate("window.kept")


def test_the_list_of_keys_names_it(page: Page) -> None:
    page.keyboard.press("?")

    expect(page.locator("#keys dd", has_text="New booking")).to_be_visible()
