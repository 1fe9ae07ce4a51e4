"""The room plan in a real Chromium: it follows without reload, is walked with the keyboard, and reads well aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property, Room
from properties.services import room_add, room_mark
from reservations.models import Reservation
from reservations.services.stays import reservation_assign_room, reservation_cancel
from tests.browsing import DESK, assert_kept, at_work, live_page
from tests.factories.reservations import make_reservation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A change is there within a second; the machine of a test run may be busy.
SOON = 5_000


@pytest.fixture
def stay(sea: Property) -> Reservation:
    booked = make_reservation(hotel=sea, nights=2)
    assign(booked, "102")
    return booked


@pytest.fixture
def plan(stay: Reservation, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    with at_work(browser, live_server_url, hugo, viewport=DESK) as window:
        page = live_page(window, "plan/")
        yield page
        assert_kept(page)


def assign(booked: Reservation, number: str) -> Room:
    target = Room.objects.get(property=booked.property, number=number)
    reservation_assign_room(hotel=booked.property, reservation_id=booked.pk, room_id=target.pk)
    return target


def test_what_others_do_is_seen_without_reload(plan: Page, sea: Property):
    booked = make_reservation(hotel=sea, nights=3, name="Nora Live")
    bar = plan.locator(f"#bar-{booked.number}")
    lane = plan.locator(f"#lane-{booked.room_type_id}")
    expect(lane.locator(bar)).to_be_visible(timeout=SOON)

    target = assign(booked, "101")
    expect(plan.locator(f"#row-{target.pk}").locator(bar)).to_be_visible(timeout=SOON)
    expect(lane).to_be_hidden(timeout=SOON)

    room_mark(room_id=target.pk, condition="dirty")
    mark = plan.locator(f"#plan-room-{target.pk} .mark")
    expect(mark).to_have_attribute("data-condition", "dirty", timeout=SOON)

    reservation_cancel(hotel=sea, reservation_id=booked.pk, reason="Ill")
    expect(bar).to_have_count(0, timeout=SOON)

    added = room_add(property_id=sea.pk, room_type_id=target.room_type_id, number="103")
    expect(plan.locator(f"#row-{added.pk}")).to_be_visible(timeout=SOON)


def test_the_keyboard_walks_over_bars_and_opens_a_card(plan: Page, stay: Reservation):
    bar = plan.locator(f"#bar-{stay.number}")
    bar.focus()
    said = re.compile(r"^Room 102, Double: Jordi Martí, 14\s?–\s?16 March, Confirmed$")
    expect(bar).to_have_attribute("aria-label", said)

    plan.keyboard.press("Enter")
    expect(plan.locator("#dialog-title")).to_have_text("Jordi Martí")
    plan.keyboard.press("Escape")

    expect(bar).to_be_focused()
    assert plan.locator("#plan .stay[tabindex='0']").count() == 1
