"""Lists in trouble, in a real Chromium: the line is cut, and the house answers with a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pms.accounts.models import User
from properties.models import Property
from tests.browsing import DESK, at_work, live_page
from tests.factories.reservations import make_reservation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 20_000
ASK_ANEW = "async () => (await import('pms/pieces')).refetchAll()"


@pytest.fixture
def page(hotel_for_sale: Property, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    """The list of reservations at the desk, live."""
    make_reservation(hotel=hotel_for_sale, name="Nora Paper")
    with at_work(browser, live_server_url, hugo, viewport=DESK) as window:
        yield live_page(window, "reservations/")


@pytest.mark.parametrize("path", ["", "reservations/", "folios/", "rooms/", "my-rooms/", "activity/"])
def test_a_list_whose_line_is_cut_says_as_of_when_it_stands_and_keeps_its_rows(page: Page, path: str) -> None:
    page.goto(f"/h/SEA/{path}")
    expect(page.locator("#as-of")).to_be_hidden()
    before = page.locator("main").inner_text()

    page.context.set_offline(True)

    line = page.locator("#as-of")
    expect(line).to_be_visible(timeout=PATIENCE)
    expect(line.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    assert before.splitlines()[0] in page.locator("main").inner_text()

    page.context.set_offline(False)
    expect(line).to_be_hidden(timeout=PATIENCE)


def test_a_filter_without_a_line_leaves_the_page_where_it_is(page: Page) -> None:
    page.evaluate("window.neverReloaded = true")
    page.fill("#id_q", "Nora")
    page.context.set_offline(True)
    page.press("#id_q", "Enter")

    expect(page.locator("#toasts .toast-text")).to_contain_text("No connection")
    assert page.evaluate("window.neverReloaded")
    expect(page.locator("#id_q")).to_have_value("Nora")

    page.context.set_offline(False)
    page.press("#id_q", "Enter")
    page.wait_for_url(re.compile("q=Nora"))
    expect(page.locator("#reservations")).to_contain_text("Nora Paper")


def test_a_list_that_the_house_fails_to_read_says_so_and_asks_again(page: Page) -> None:
    faults: list[str] = []

    def fail(route: Route) -> None:
        if route.request.headers.get("x-live") == "refetch":
            faults.append(route.request.url)
            route.fulfill(status=500, body="")
        else:
            route.fallback()

    page.route("**/h/SEA/reservations/**", fail)
    page.evaluate(ASK_ANEW)

    said = page.locator("main .unread")
    expect(said).to_be_visible(timeout=PATIENCE)
    expect(said.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(page.locator("#reservations")).to_contain_text("Nora Paper")

    page.unroute("**/h/SEA/reservations/**")
    said.get_by_role("button", name="Try now").click()
    expect(said).to_have_count(0)


def test_what_loads_when_it_is_opened_never_loads_for_ever(page: Page) -> None:
    page.route("**/h/SEA/bell/**", lambda route: route.fulfill(status=500, body=""))
    page.locator(".bell summary").click()

    failed = page.locator("#bell-panel .failed")
    expect(failed).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#bell-panel .loading")).to_have_count(0)

    page.unroute("**/h/SEA/bell/**")
    failed.get_by_role("button", name="Try now").click()
    expect(page.locator("#bell-panel")).to_contain_text("All activity")


def test_a_list_on_its_way_says_so(page: Page) -> None:
    page.evaluate("""() => { window.addEventListener("submit", (event) => event.preventDefault()); }""")
    page.press("#id_q", "Enter")

    expect(page.locator("#reservations")).to_have_attribute("aria-busy", "true")
