"""What a person sees of changed rights on the page she has open: within two seconds, and nothing is loaded again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pms.accounts.models import User
from pms.accounts.services import user_set_active
from properties.models import Membership, Property, Room
from properties.services import (
    Toggle,
    roles_change_rights,
    staff_add,
    staff_disable,
    staff_remove,
    staff_set_roles,
)
from tests.browsing import assert_kept, at_work, live_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]

# Two seconds are the promise; a machine that does five things at once gets as much again, and the middle of the
# measured times is held to the promise.
PATIENCE = 8000


def within_patience(act: Callable[[], object], see: Callable[[], object]) -> float:
    """Do `act` and return the seconds until it is seen."""
    act()
    began = time.monotonic()
    see()
    return time.monotonic() - began


def roles(user: User, *wanted: str, hotel: Property | None = None) -> Callable[[], object]:
    """Return the act of giving a person other roles."""
    members = Membership.objects.filter(user=user)
    member = members.get(property=hotel) if hotel else members.get()
    return lambda: staff_set_roles(membership_id=member.pk, roles=wanted)


def section(page: Page, name: str) -> Locator:
    """Return the entry of the sidebar."""
    return page.locator(".sidebar nav").get_by_role("link", name=name)


def test_a_lowered_and_a_raised_role_take_and_bring_buttons_and_sections(
    hotel: Property, room: Room, hugo: User, live_server_url: str, browser: Browser
) -> None:
    with at_work(browser, live_server_url, hugo) as window:
        page = live_page(window, "rooms/")
        marks = page.locator(f"#room-card-{room.pk} form.marks")
        expect(marks).to_be_visible()

        lowered = within_patience(roles(hugo, "reservations"), lambda: expect(marks).to_have_count(0, timeout=PATIENCE))
        expect(section(page, "My rooms")).to_have_count(0, timeout=PATIENCE)
        raised = within_patience(roles(hugo, "manager"), lambda: expect(marks).to_be_visible(timeout=PATIENCE))
        expect(section(page, "Staff")).to_be_visible(timeout=PATIENCE)

        assert_kept(page)
        assert min(lowered, raised) < 2.0, (lowered, raised)


def test_one_tick_of_the_matrix_reaches_the_pages_of_its_people(
    hotel: Property, room: Room, hugo: User, live_server_url: str, browser: Browser
) -> None:
    with at_work(browser, live_server_url, hugo) as window:
        page = live_page(window, "rooms/")
        marks = page.locator(f"#room-card-{room.pk} form.marks")
        expect(marks).to_be_visible()

        for on in (False, True):
            roles_change_rights(property_id=hotel.pk, toggles=[Toggle("front_desk", "room_mark", on)])
            expect(marks).to_have_count(int(on), timeout=PATIENCE)
        assert_kept(page)


def test_a_page_that_became_forbidden_says_so_and_where_to_go_and_keeps_what_was_typed(
    hotel: Property, anna: User, live_server_url: str, browser: Browser
) -> None:
    with at_work(browser, live_server_url, anna) as window:
        page = window.new_page()
        page.goto("/h/SEA/settings/")
        page.fill("[name=name]", "Sea View House")
        page.evaluate("window.neverReloaded = true")

        roles(anna, "housekeeper")()

        expect(page.get_by_role("heading", name="You no longer have access to this page")).to_be_visible(
            timeout=PATIENCE
        )
        expect(page.locator("main").get_by_role("link", name="My rooms")).to_be_visible()
        expect(section(page, "Settings")).to_have_count(0)
        kept = page.locator(".kept")
        expect(kept.get_by_text("Name", exact=True)).to_be_visible()
        assert kept.locator("li:not([hidden]) textarea").input_value() == "Sea View House"
        assert_kept(page)

        roles(anna, "manager")()  # given back, the page is loaded anew by itself
        expect(page.locator("[name=name]")).to_be_visible(timeout=PATIENCE)


def test_a_form_that_vanished_from_an_open_page_leaves_its_text(
    hotel_with_books: Property, hugo: User, live_server_url: str, browser: Browser
) -> None:
    from tests.factories.folios import make_guest_in_house

    _stay, folio = make_guest_in_house(hotel=hotel_with_books, nights=2)
    with at_work(browser, live_server_url, hugo) as window:
        page = live_page(window, f"folios/{folio.pk}/")
        field = page.locator("main textarea, main input:not([type=hidden], [type=checkbox], [type=radio])").first
        field.fill("4711")

        roles_change_rights(property_id=hotel_with_books.pk, toggles=[Toggle("front_desk", "folio_post", False)])

        expect(page.locator(".kept li:not([hidden]) textarea").first).to_have_value("4711", timeout=PATIENCE)
        assert_kept(page)


@pytest.mark.parametrize("act", ["removed", "shut out"])
def test_who_is_taken_out_of_a_hotel_leaves_its_pages_and_loses_it_in_the_switcher(
    hotel: Property, other_hotel: Property, hugo: User, live_server_url: str, browser: Browser, act: str
) -> None:
    staff_add(property_id=other_hotel.pk, email=hugo.email, name="", roles=["front_desk"])
    member = Membership.objects.get(user=hugo, property=hotel)
    leave = staff_remove if act == "removed" else staff_disable
    with at_work(browser, live_server_url, hugo) as window:
        here, there = live_page(window, "rooms/"), window.new_page()
        with there.expect_websocket(lambda line: bool(line.wait_for_event("framereceived"))):
            there.goto("/h/LAK/rooms/")
        expect(there.locator(".sidebar .property")).to_contain_text("SEA")

        leave(membership_id=member.pk)

        expect(here.get_by_role("heading", name="There is nothing here")).to_be_visible(timeout=PATIENCE)
        expect(here.locator("main").get_by_role("link", name="Lake House")).to_be_visible()
        expect(here.locator(".sidebar .property")).not_to_contain_text("Seaside Hotel")
        expect(there.locator(".sidebar .property")).not_to_contain_text("SEA", timeout=PATIENCE)
        expect(there.locator(".room-card").first).to_be_visible()
        assert_kept(here)


def test_who_is_disabled_is_told_and_keeps_what_was_typed(
    hotel: Property, anna: User, live_server_url: str, browser: Browser
) -> None:
    with at_work(browser, live_server_url, anna) as window:
        page = window.new_page()
        page.goto("/h/SEA/settings/")
        page.fill("[name=name]", "Sea View House")
        page.evaluate("window.neverReloaded = true")

        user_set_active(user_id=anna.pk, active=False)

        expect(page.get_by_role("heading", name="You are not signed in any more")).to_be_visible(timeout=PATIENCE)
        assert page.locator(".kept li:not([hidden]) textarea").input_value() == "Sea View House"
        expect(page.locator(".sidebar nav a")).to_have_count(0)
        assert_kept(page)
