"""Rows enter, leave and move in open lists over the socket alone: no page asks the server for anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from pms.accounts.models import User
from properties.models import Property, Room
from properties.services import room_add, room_mark
from reservations.models import Reservation
from reservations.services.stays import reservation_cancel
from tests.browsing import at_work, live_page
from tests.factories.reservations import make_reservation, open_for_sale

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sea(hotel: Property) -> Property:
    """SEA, open for sale; Mona Mitte arrives today."""
    arrives(open_for_sale(hotel), "Mona Mitte")
    return hotel


@pytest.fixture
def window(sea: Property, hugo: User, live_server_url: str, browser: Browser) -> Iterator[BrowserContext]:
    """Hugo's browser."""
    with at_work(browser, live_server_url, hugo) as opened:
        yield opened


@pytest.fixture
def asked(window: BrowserContext) -> list[str]:
    """What pages of the browser ask for after they were opened, but files."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.headers.get("x-live"):
            found.append(request.url)

    window.on("request", note)
    return found


def arrives(hotel: Property, name: str, room_type: str = "DBL") -> Reservation:
    return make_reservation(hotel=hotel, name=name, room_type=room_type)


def names(page: Page) -> list[str]:
    return [text.splitlines()[0].strip() for text in page.locator("#arrivals > [data-place] .who").all_inner_texts()]


def test_guests_come_and_go_on_the_day_and_in_the_list(window: BrowserContext, asked: list[str], sea: Property) -> None:
    today, empty, found = (live_page(window, path) for path in ("", "reservations/?q=zoe", "reservations/?q=mona"))
    expect(empty.locator("#reservations > [data-empty]")).to_be_visible()

    zoe = arrives(sea, "Zoe Zuletzt")
    arrives(sea, "Anna Anfang", "SUI")

    expect(today.locator("#arrivals > [data-place]")).to_have_count(3)
    assert names(today) == ["Anna Anfang", "Mona Mitte", "Zoe Zuletzt"]
    expect(today.locator("#work > [data-place]")).to_have_count(3)
    expect(today.locator("[data-live-count=work]")).to_have_text("3")
    expect(today.locator("[id^=arrivals-count]")).to_contain_text("3 to come")
    expect(empty.locator("#reservations > [data-place]")).to_have_count(1)
    expect(empty.locator("#reservations > [data-empty]")).to_be_hidden()
    expect(found.locator("#reservations > [data-place]")).to_have_count(1)

    reservation_cancel(hotel=sea, reservation_id=zoe.pk, reason="Ill")

    expect(today.locator("#arrivals > [data-place]")).to_have_count(2)
    expect(today.locator("[data-live-count=work]")).to_have_text("2")
    assert not asked


def test_rooms_move_from_hand_to_hand(window: BrowserContext, asked: list[str], sea: Property) -> None:
    page = live_page(window, "my-rooms/")
    page.set_default_timeout(30_000)
    room = Room.objects.get(property=sea, number="501")  # a suite, which waits for an inspection
    card = page.locator(f"#my-room-card-{room.pk}")

    for condition, part in (("dirty", "todo"), ("clean", "inspect"), ("inspected", "ready"), ("dirty", "todo")):
        room_mark(room_id=room.pk, condition=condition)
        expect(page.locator(f"#my-{part} > #my-room-card-{room.pk}")).to_have_count(1)
    expect(card).to_have_count(1)
    shown = page.locator("#my-todo > [data-place]").count()
    expect(page.locator("[data-live-count=my-todo]")).to_have_text(str(shown))
    assert not asked


def test_control_what_is_still_a_region_does_ask(
    window: BrowserContext, asked: list[str], sea: Property, room: Any
) -> None:
    """A room that comes to a floor of the board: the same counting finds its request."""
    board = live_page(window, "rooms/")

    room_add(property_id=sea.pk, room_type_id=room.room_type_id, number="999", floor="9")

    expect(board.locator(".floor-cards").last).to_contain_text("999")
    assert len(asked) == 1


def test_one_change_flashes_and_a_burst_does_not(window: BrowserContext, sea: Property) -> None:
    first = Room.objects.filter(property=sea).order_by("sort_key")[0]
    rooms = [
        room_add(property_id=sea.pk, room_type_id=first.room_type_id, number=str(901 + place)) for place in range(20)
    ]
    board = live_page(window, "rooms/")
    board.evaluate("""() => {
      window.most_flashing = 0;
      new MutationObserver(() => {
        window.most_flashing = Math.max(window.most_flashing, document.getElementsByClassName("fresh").length);
      }).observe(document.body, { subtree: true, attributeFilter: ["class"] });
    }""")

    room_mark(room_id=first.pk, condition="touch_up")
    expect(board.locator(f"#room-card-{first.pk}.fresh")).to_have_count(1)
    expect(board.locator(".fresh")).to_have_count(0)

    with transaction.atomic():
        for room in rooms:
            room_mark(room_id=room.pk, condition="touch_up")
    for room in rooms:
        expect(board.locator(f"#room-card-{room.pk}")).to_have_attribute("data-condition", "touch_up")
    board.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    assert 1 <= board.evaluate("window.most_flashing") <= 12
