"""A row that is new to an open list stands in its place at once; the page's own request only confirms it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pms.accounts.models import User
from properties.models import Property
from reservations.models import Reservation
from tests.browsing import with_cookies
from tests.factories.reservations import make_reservation, open_for_sale
from tests.live import session_cookie

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sea(hotel: Property) -> Property:
    """SEA, open for sale; Mona Mitte arrives today."""
    arrives(open_for_sale(hotel), "Mona Mitte")
    return hotel


@pytest.fixture
def today(sea: Property, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    """Hugo's page of the day, whose requests for regions get no answer."""
    name, _, value = session_cookie(hugo).partition("=")
    page = with_cookies(browser, live_server_url, {name: value}).new_page()
    page.route("**/h/SEA/", _refuse_refetch)
    page.goto("/h/SEA/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    yield page
    page.context.close()


def arrives(hotel: Property, name: str, room_type: str = "DBL") -> Reservation:
    return make_reservation(hotel=hotel, name=name, room_type=room_type)


def names(page: Page) -> list[str]:
    return [text.splitlines()[0].strip() for text in page.locator("#arrivals > li .who").all_inner_texts()]


def test_newcomers_stand_in_their_place(today: Page, sea: Property) -> None:
    arrives(sea, "Zoe Zuletzt")
    arrives(sea, "Anna Anfang", "SUI")

    expect(today.locator("#arrivals > li")).to_have_count(3)
    assert names(today) == ["Anna Anfang", "Mona Mitte", "Zoe Zuletzt"]
    expect(today.locator("#work > li")).to_have_count(3)
    expect(today.locator("#arrivals-count")).to_contain_text("1 to come")  # asked for, and refused here


def test_control_a_list_without_an_order_waits_for_the_request(today: Page, sea: Property) -> None:
    today.evaluate("document.getElementById('arrivals').removeAttribute('data-live-sorted')")

    arrives(sea, "Zoe Zuletzt")

    expect(today.locator("#work > li")).to_have_count(2)
    assert names(today) == ["Mona Mitte"]


def _refuse_refetch(route: Route) -> None:
    if route.request.headers.get("x-live") == "refetch":
        route.abort()
    else:
        route.continue_()
