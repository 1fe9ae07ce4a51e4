"""A hotel's day in three browsers: Hugo at the desk, Anna's tablet, Maria's phone; nobody ever reloads.

The whole house runs as `manage.py up --seed --sandbox` starts it; the guest books on the pretended booking site's own
page. tests/flows/test_story_by_api.py is the same day by the API alone.
"""

from __future__ import annotations

import datetime as dt
import re
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browsing import assert_kept, live_page, signed_in
from tests.concurrency.open_hotel import OpenHotel, open_hotel
from tests.runtime.helpers import eventually

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(600)]

GUEST, ROOM = "Ada Muster", "104"
# Seconds from a click to another screen. A quiet machine needs a tenth of it; two cores that also run the tests more.
AT_ONCE = 2.0
# The same from the guest's click on the site, which is asked three times a second: 0.7 to 1.1 on a quiet machine.
FROM_THE_SITE = 4.0
SOON = 15_000  # milliseconds


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHotel]:
    """The trial hotel with the pretended booking site."""
    with open_hotel(tmp_path_factory.mktemp("day"), "--sandbox") as hotel:
        eventually(lambda: "The hotel is open" in hotel.said.read_text(), 120)
        yield hotel


@dataclass
class Day:
    """Who looks at what: the desk (1280 wide), the manager's tablet (820), the housekeeper's phone (390)."""

    house: OpenHotel
    today: Page
    plan: Page
    feed: Page
    figures: Page
    audit: Page
    rooms: Page
    maria_feed: Page

    @classmethod
    def begin(cls, house: OpenHotel, browser: Browser) -> Day:
        """Sign everybody in and open their pages."""
        desk, tablet, phone = (
            signed_in(browser, house, name, width) for name, width in (("hugo", 1280), ("anna", 820), ("maria", 390))
        )
        return cls(
            house=house,
            today=live_page(desk, ""),
            plan=live_page(desk, "plan/"),
            feed=live_page(tablet, "activity/"),
            figures=live_page(tablet, ""),
            audit=live_page(tablet, "night-audit/"),
            rooms=live_page(phone, "my-rooms/"),
            maria_feed=live_page(phone, "activity/"),
        )

    @property
    def arrival(self) -> Locator:
        """Return the guest's line among today's arrivals."""
        return self.today.locator("#arrivals li", has_text=GUEST)

    @property
    def card(self) -> Locator:
        """Return the room's card on Maria's phone."""
        return self.rooms.locator("article.my-room", has=self.rooms.locator("b.number", has_text=ROOM))

    @property
    def pages(self) -> list[Page]:
        """Return all open pages."""
        return [value for value in vars(self).values() if isinstance(value, Page)]


def post(house: OpenHotel, path: str, body: dict[str, Any]) -> httpx.Response:
    """Act by the API, as a partner does."""
    headers = house.headers(**{"Idempotency-Key": str(uuid.uuid4())})
    return httpx.post(f"{house.api}/{path}", json=body, headers=headers, timeout=60)


def told(house: OpenHotel) -> dict[tuple[str, str], int]:
    """Return what the site may sell, as the hotel told it."""
    state = httpx.get(f"{house.sandbox}/control/state", timeout=30).json()
    return {(room, day): value for room, day, value in state["hotels"]["900100"]["available"]}


def test_a_day(house: OpenHotel, browser: Browser) -> None:
    assert post(house, f"rooms/{ROOM}/condition", {"condition": "dirty"}).status_code == 200
    eventually(lambda: told(house), 60)
    day = Day.begin(house, browser)
    a_guest_books_on_the_channel(day)
    hugo_assigns_and_maria_cleans(day)
    hugo_checks_the_guest_in(day)
    folio = a_charge_is_seen_on_the_reservation(day)
    the_night_audit_rolls_the_day(day)
    the_guest_pays_and_leaves(day, folio)
    expect(day.figures.locator("#main")).to_contain_text("Occupancy")
    assert_kept(*day.pages, folio)


def a_guest_books_on_the_channel(day: Day) -> None:
    """It stands on Today, plan and feeds within a second; the site may sell one less."""
    before = told(day.house)
    newest = day.maria_feed.locator("#activity li[data-seq]").first  # a feed is as long before as after
    expect(newest).not_to_contain_text("Booking.com")
    site = day.today.context.new_page()
    site.goto(day.house.sandbox)
    form = site.locator("form[action='/book']").first
    form.locator("[name=guest]").fill(GUEST)
    form.locator("[name=room]").select_option(label="Double")
    began = time.monotonic()
    form.locator("button").click(no_wait_after=True)
    expect(day.arrival).to_be_visible(timeout=SOON)
    took = time.monotonic() - began
    expect(day.plan.get_by_text(GUEST).first).to_be_attached(timeout=SOON)
    expect(day.feed.locator("#activity")).to_contain_text(GUEST, timeout=SOON)
    expect(newest).to_contain_text(re.compile(r"Booking\.com: Double"), timeout=5000)
    expect(day.maria_feed.locator("#activity")).not_to_contain_text(GUEST)  # whom she need not know
    eventually(lambda: sum(told(day.house).values()) < sum(before.values()), 15)
    assert took < FROM_THE_SITE, f"{took:.2f} s from the guest's click to Hugo's screen"


def hugo_assigns_and_maria_cleans(day: Day) -> None:
    """Maria sees who comes, and makes the room ready; Hugo's key is blocked until then."""
    day.arrival.get_by_role("button", name="Assign").click()
    day.today.locator("#dialog").get_by_role("button", name=ROOM).first.click()
    expect(day.arrival).to_contain_text(ROOM, timeout=SOON)
    expect(day.arrival.locator("button[aria-disabled=true]", has_text="Check in")).to_be_visible(timeout=SOON)
    expect(day.card.locator(".facts-of-room")).to_contain_text(re.compile("arriv|comes", re.IGNORECASE), timeout=SOON)
    began = time.monotonic()
    day.card.get_by_role("button", name="Done").click()
    expect(day.arrival.locator("button:not([aria-disabled])", has_text="Check in")).to_be_visible(timeout=SOON)
    took = time.monotonic() - began
    assert took < AT_ONCE, f"{took:.2f} s from Maria's thumb to Hugo's key"


def hugo_checks_the_guest_in(day: Day) -> None:
    """The guest moves from the arrivals to the house."""
    day.arrival.locator("button:not([aria-disabled])", has_text="Check in").click()
    expect(day.today.locator("#in-house li", has_text=GUEST)).to_be_visible(timeout=SOON)


def a_charge_is_seen_on_the_reservation(day: Day) -> Page:
    """A folio opened with the key; a charge on it shows on the reservation that Anna has open."""
    stay = day.house.get("reservations", status="in_house")["results"][0]
    folio = day.house.get("folios", reservation=stay["id"])["results"][0]
    reservation = live_page(day.figures.context, f"reservations/{stay['id']}/")
    account = live_page(day.today.context, f"folios/{folio['id']}/")
    charge = account.locator("#charge-form")
    minibar = charge.locator("option", has_text="Minibar").first
    charge.locator("[name$=transaction_code]").select_option(value=minibar.get_attribute("value"))
    charge.get_by_role("button", name="Post").click()
    expect(reservation.locator("#main")).to_contain_text("9.50", timeout=SOON)
    return account


def the_night_audit_rolls_the_day(day: Day) -> None:
    """Started on the tablet, followed at the desk: the day in the top bar moves on for everybody."""
    frames = [page.locator(".business-date") for page in day.pages]
    before = [frame.inner_text() for frame in frames]
    day.audit.locator("#main button", has_text="Close the day").click()
    day.audit.locator("#dialog button", has_text="Close the day").click()
    for frame, text in zip(frames, before, strict=True):
        expect(frame).not_to_have_text(text, timeout=30_000)
    expect(day.audit.locator("#main")).to_contain_text("1 room posted", timeout=SOON)


def the_guest_pays_and_leaves(day: Day, account: Page) -> None:
    """Cash for the night, the minibar and the city tax; the room is dirty on Maria's phone."""
    path = account.url.rstrip("/").rpartition("/")[2]
    due = day.house.get(f"folios/{path}")["balance"]["amount"]
    payment = account.locator("#payment-form")
    payment.locator("[name$=amount]").fill(due)
    payment.get_by_role("button", name="Take payment").click()
    eventually(lambda: day.house.get(f"folios/{path}")["balance"]["amount"] == "0.00", 10)
    leaving = day.today.locator("#departures li", has_text=GUEST)
    leaving.locator("button:not([aria-disabled])", has_text="Check out").click(timeout=10_000)
    expect(leaving).to_have_count(0, timeout=SOON)
    expect(day.card).to_have_attribute("data-condition", "dirty", timeout=SOON)


# --- the last room ------------------------------------------------------------------------------------------------


def suites(house: OpenHotel, night: dt.date, rooms: int) -> dict[str, Any]:
    """Return a partner's booking of suites for one night."""
    kinds = {row["code"]: row["id"] for row in house.get("room-types")["results"]}
    plans = {row["code"]: row["id"] for row in house.get("rate-plans")["results"]}
    stay = {"room_type": kinds["SUI"], "rate_plan": plans["BAR"], "adults": 1}
    stay |= {"arrival": night.isoformat(), "departure": (night + dt.timedelta(days=1)).isoformat()}
    return {"booker": {"last_name": "Partner"}, "reservations": [stay] * rooms}


def leave_one(house: OpenHotel, night: dt.date) -> None:
    """Sell all suites of the night but one."""
    day = night.isoformat()
    kind = suites(house, night, 1)["reservations"][0]["room_type"]
    rows = house.get("availability", **{"from": day, "to": day})["results"]
    left = next(row["sellable"] for row in rows if row["room_type"] == kind)
    assert post(house, "bookings", suites(house, night, left - 1)).status_code == 201


def hugo_at_the_form(browser: Browser, house: OpenHotel, night: dt.date) -> Page:
    """Let Hugo choose the last suite and fill in the guest; he only has to confirm."""
    page = signed_in(browser, house, "hugo", 1280).new_page()
    page.goto(f"/h/SEA/bookings/new/?arrival={night}&departure={night + dt.timedelta(days=1)}&adults=1")
    page.locator("#offers .offer-row", has_text="SUI").locator("button.offer").first.click()
    page.locator("#guest-form [name=last_name]").fill("Walker")
    expect(page.locator("#booking-sum button", has_text="Confirm")).to_be_visible()
    return page


def business_date(house: OpenHotel) -> dt.date:
    """Return the hotel's day."""
    return dt.date.fromisoformat(httpx.get(house.api, headers=house.headers(), timeout=60).json()["business_date"])


def test_hugo_and_a_partner_sell_the_last_room_at_the_same_moment(house: OpenHotel, browser: Browser) -> None:
    night = business_date(house) + dt.timedelta(days=20)
    leave_one(house, night)
    page = hugo_at_the_form(browser, house, night)
    booking = suites(house, night, 1)

    with ThreadPoolExecutor(1) as pool:
        partner = pool.submit(post, house, "bookings", booking)
        page.locator("#booking-sum button", has_text="Confirm").click()
        answer = partner.result()

    booked = re.compile("/reservations/[0-9a-f-]{36}/")
    conflict = page.locator("#booking-conflict")
    if answer.status_code == 201:
        expect(conflict.locator("footer a").first).to_be_visible(timeout=SOON)
        expect(page.locator("#guest-form [name=last_name]")).to_have_value("Walker")
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "not_available")
        assert answer.json()["alternatives"]
        page.wait_for_url(booked)
    assert bool(booked.search(page.url)) != (answer.status_code == 201), "both or neither got the room"


def test_who_comes_second_is_told_and_takes_another_with_one_click(house: OpenHotel, browser: Browser) -> None:
    night = business_date(house) + dt.timedelta(days=25)
    leave_one(house, night)
    page = hugo_at_the_form(browser, house, night)
    assert post(house, "bookings", suites(house, night, 1)).status_code == 201

    page.locator("#booking-sum button", has_text="Confirm").click()
    page.locator("#booking-conflict footer a").first.click()
    page.locator("#booking-sum button", has_text="Confirm").click()

    page.wait_for_url(re.compile("/reservations/[0-9a-f-]{36}/"))
    expect(page.locator("#main")).to_contain_text("Walker")
