"""Ten thousand events and folios in a real Chromium: few rows in the document, what comes in moves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect

from folios.models import Folio
from notifications.selectors.feed import feed
from pms.accounts.models import User
from pms.core.acting import act_as
from pms.events.models import StreamEvent, StreamHead
from pms.live.fragments import Audience
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark
from tests.browsing import at_work, live_page
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.realtime.test_long_list import SCROLL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MANY = 10_000
BOUND = 450
NEWER = "[data-newer]"


def copy_row(table: str, columns: list[str], other: dict[str, str], where: str) -> None:
    """Copy one row of a table ten thousand times; `other` are the columns that differ, as SQL with the number `n`."""
    chosen = ", ".join(other.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table}, generate_series(1, {MANY}) AS n WHERE {where}"
        )


@pytest.fixture
def room(hotel: Property) -> Room:
    """Room 101, marked ten thousand times, each time by another request."""
    found: Room = Room.objects.select_related("property", "room_type").get(property=hotel, number="101")
    mark(found, "dirty")
    last = StreamEvent.objects.filter(property_id=hotel.pk, code="room.marked").latest("seq")
    columns = [field.column for field in StreamEvent._meta.concrete_fields if field.column != "id"]
    moment = "occurred_at - interval '5 days' + n * interval '40 s'"
    other = {"seq": f"{last.seq} + n", "request_id": "'R' || n", "occurred_at": moment}
    copy_row(StreamEvent._meta.db_table, columns, other, f"id = {last.pk}")
    StreamHead.objects.filter(property_id=hotel.pk).update(seq=(last.seq or 0) + MANY)
    return found


def mark(room: Room, condition: str) -> None:
    with act_as(via="web"):
        room_mark(room_id=room.pk, condition=condition)


@pytest.fixture
def window(browser: Browser, live_server_url: str, hotel: Property, anna: User) -> Iterator[BrowserContext]:
    """Anna's browser at the desk."""
    with at_work(browser, live_server_url, anna, viewport={"width": 1440, "height": 900}) as opened:
        yield opened


def scroll_down(page: Page, rows: str, *, turns: int) -> None:
    """Scroll to the end so many times, each time until more has come."""
    for _turn in range(turns):
        last = page.locator(rows).last.get_attribute("id")
        page.evaluate(SCROLL, "end")
        page.wait_for_function(
            "([rows, last]) => [...document.querySelectorAll(rows)].at(-1).id !== last",
            arg=[rows, last],
            timeout=30_000,
        )


def ids(page: Page, rows: str) -> list[str]:
    """Return the ids of the rows in the document, in their order."""
    found: list[str] = page.locator(rows).evaluate_all("(rows) => rows.map((row) => row.id)")
    return found


def looked_at(page: Page) -> str:
    """Return the id of the row in the middle of the window."""
    found: str = page.evaluate("document.elementFromPoint(500, 450).closest('[data-seq]').id")
    return found


def height_of(page: Page, dom_id: str) -> float:
    box = page.locator(f"[id='{dom_id}']").bounding_box()
    assert box is not None
    return box["y"]


LINES = "#activity > [data-seq]"


def lines_of(hotel: Property, user: User, *, most: int) -> list[str]:
    audience: Audience = audience_of(user, hotel.pk)
    return [f"activity-line-{line.pk}" for line in feed(audience, limit=most).lines]


def test_a_feed_of_ten_thousand(window: BrowserContext, room: Room, anna: User) -> None:
    page = live_page(window, "activity/")
    expected = lines_of(room.property, anna, most=1000)

    scroll_down(page, LINES, turns=8)

    rows = ids(page, LINES)
    begin = expected.index(rows[0])
    assert rows == expected[begin : begin + len(rows)], "lines in order, none twice, none left out"
    assert begin > 0
    assert len(rows) <= BOUND
    days = page.locator(f"{LINES}[data-begins]").evaluate_all("(rows) => rows.map((row) => row.dataset.day)")
    assert days == sorted(set(days), reverse=True)
    # Something happens: what is read stays where it is, and a link says so.
    middle = looked_at(page)
    before = height_of(page, middle)
    mark(room, "clean")
    expect(page.locator(NEWER)).to_have_text("1 new entry", timeout=15_000)
    mark(room, "dirty")
    expect(page.locator(NEWER)).to_have_text("2 new entries", timeout=15_000)
    assert height_of(page, middle) == pytest.approx(before, abs=2)
    assert ids(page, LINES) == rows
    # The link leads to the newest.
    page.locator(NEWER).click()
    expect(page.locator(LINES).first).to_contain_text("Room 101 is now: Dirty", timeout=15_000)
    expect(page.locator(LINES).nth(1)).to_contain_text("Room 101 is now: Clean")
    expect(page.locator(NEWER)).to_be_hidden()


def test_a_reader_near_the_beginning_is_not_moved(window: BrowserContext, room: Room) -> None:
    page = live_page(window, "activity/")
    asked: list[str] = []
    page.evaluate(SCROLL, 600)
    page.on("request", lambda request: asked.append(request.url) if request.headers.get("x-live") else None)
    middle = looked_at(page)
    before = height_of(page, middle)

    mark(room, "clean")

    expect(page.locator(NEWER)).to_have_text("1 new entry", timeout=15_000)
    assert height_of(page, middle) == pytest.approx(before, abs=2)
    page.keyboard.press("Tab")
    page.locator(NEWER).focus()
    page.keyboard.press("Enter")
    expect(page.locator(NEWER)).to_be_hidden()
    expect(page.locator(LINES).first).to_contain_text("Room 101 is now: Clean")
    expect(page.locator(LINES).first).to_be_in_viewport()
    assert [url for url in asked if "before=" not in url] == [], "the news came over the socket alone"


def test_a_feed_that_is_left_open_does_not_fill_the_document(window: BrowserContext, room: Room, anna: User) -> None:
    page = live_page(window, "activity/")
    top = page.locator(LINES).first

    for turn in range(290):
        mark(room, "clean" if turn % 2 else "touch_up")
        if turn % 58 == 57:  # told in batches, all the same line by line
            expect(top).to_have_attribute("id", lines_of(room.property, anna, most=1)[0], timeout=20_000)

    rows = ids(page, LINES)
    assert rows == lines_of(room.property, anna, most=1000)[: len(rows)]
    assert 250 <= len(rows) <= 310
    scroll_down(page, LINES, turns=1)
    rows = ids(page, LINES)
    assert rows == lines_of(room.property, anna, most=1000)[: len(rows)], "it goes on where it was cut"


FOLIOS = "#folio-list > [data-seq]"


def test_a_list_of_ten_thousand_folios(window: BrowserContext, hotel: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=open_for_business(hotel), name="Lena Fort")
    columns = [field.column for field in Folio._meta.concrete_fields]
    other = {
        "id": "('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
        "number": "'X' || n",
        "status": "'closed'",
    }
    copy_row(Folio._meta.db_table, columns, other, f"id = '{folio.pk}'")
    keys = Folio.objects.filter(property=hotel).order_by("-pk").values_list("pk", flat=True)
    expected = [f"folio-latest-{pk}" for pk in keys]
    page = live_page(window, "folios/?show=all")

    scroll_down(page, FOLIOS, turns=8)

    rows = ids(page, FOLIOS)
    begin = expected.index(rows[0])
    assert rows == expected[begin : begin + len(rows)], "rows in order, none twice, none left out"
    assert begin > 0
    assert len(rows) <= BOUND
    # Another guest arrives far above, and is there when one comes back.
    _stay, new = make_guest_in_house(hotel=hotel, name="Nora Neu", room="102")
    for _turn in range(60):
        page.evaluate(SCROLL, 0)
        if ids(page, FOLIOS)[0] == f"folio-latest-{new.pk}":
            break
        page.wait_for_timeout(100)
    assert ids(page, FOLIOS)[:2] == [f"folio-latest-{new.pk}", expected[0]]
