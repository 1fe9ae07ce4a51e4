"""Pages of a browser that slept: the line broke or died silently, much happened, and they end as the server."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Route

from pms.accounts.models import User
from pms.events.selectors import stream_head
from properties.models import Property, Room
from properties.services import room_add, room_mark
from tests.browsing import at_work
from tests.realtime.browsers import PAGES, KeptPage, all_equal, keep
from tests.realtime.weak_line import WeakLine, weak_line

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# A dead line is noticed after 10 s of silence; then the page comes back and draws.
PATIENCE = 30.0


@pytest.fixture
def line(live_server_url: str) -> Iterator[WeakLine]:
    with weak_line(live_server_url) as running:
        yield running


@pytest.fixture
def window(browser: Browser, line: WeakLine, hotel: Property, hugo: User) -> Iterator[BrowserContext]:
    """Hugo's browser window; its line is weak."""
    with at_work(browser, line.url, hugo) as opened:
        yield opened


def happen(hotel: Property, *, events: int) -> None:
    """Change rooms until so many events are in the stream; in the end every room differs from what it was."""
    rooms = list(Room.objects.filter(property=hotel))
    target = stream_head(hotel.pk).seq + events
    conditions = ["dirty", "touch_up"]
    while stream_head(hotel.pk).seq < target:
        for room in rooms:
            room_mark(room_id=room.pk, condition=conditions[0])
        conditions.reverse()


@pytest.mark.parametrize("events", [20, 520])
def test_a_browser_that_was_offline_catches_up(
    window: BrowserContext, line: WeakLine, pages: list[KeptPage], deaf: KeptPage, hotel: Property, events: int
) -> None:
    window.set_offline(True)
    line.cut()
    for kept in pages:
        kept.page.locator("#connection[data-state=offline]").wait_for()

    happen(hotel, events=events)
    line.mend()
    window.set_offline(False)

    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()


def test_a_line_that_died_without_a_word_is_noticed(
    line: WeakLine, pages: list[KeptPage], deaf: KeptPage, hotel: Property
) -> None:
    line.go_dead()

    happen(hotel, events=20)

    assert [kept.state for kept in pages] == ["live"] * 3  # nobody could tell yet
    all_equal(pages, seconds=PATIENCE)
    assert deaf.differences()


def test_a_fetch_that_never_ends_is_given_up_and_asked_again(window: BrowserContext, hotel: Property) -> None:
    """A room that is new to the board makes it ask for its region; at first nobody answers."""
    board = keep(window, PAGES[0])
    asked: list[Route] = []
    board.page.route("**/rooms/", lambda route: _hold_first(route, asked))
    room = Room.objects.filter(property=hotel).first()
    assert room is not None

    room_add(property_id=hotel.pk, room_type_id=room.room_type_id, number="901")

    all_equal([board], seconds=PATIENCE)
    assert len(asked) == 1


def _hold_first(route: Route, asked: list[Route]) -> None:
    if route.request.headers.get("x-live") == "refetch" and not asked:
        asked.append(route)  # never answered
    else:
        route.continue_()


def turn_the_day(hotel: Property) -> None:
    """Let the hotel's wall clock show another day and nobody hear of it, as at midnight."""
    now = timezone.now()
    day = now.astimezone(hotel.zone).date()
    zones = ("Etc/GMT+12", "Etc/GMT-14")
    other = next(zone for zone in zones if now.astimezone(ZoneInfo(zone)).date() != day)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE properties_property SET time_zone = %s WHERE id = %s", [other, hotel.pk])


def test_a_page_open_over_midnight_shows_the_new_day(window: BrowserContext, hotel: Property) -> None:
    """Its clock stands still first, as in a laptop that sleeps, and then jumps past the turn of the day."""
    window.clock.install()
    kept = [keep(window, path) for path in PAGES]
    turn_the_day(hotel)
    kept[0].page.wait_for_timeout(1500)
    assert kept[0].differences(), "nothing on the page hangs on the day"  # and nothing told it: the control
    asked: list[str] = []
    for one in kept:
        one.page.on("request", lambda request: asked.append(request.url) if "x-live" in request.headers else None)

    for one in kept:
        one.page.clock.fast_forward("25:00:00")

    all_equal(kept, seconds=PATIENCE)
    for one in kept:
        assert 1 <= asked.count(one.page.url) <= 2  # and once more if the line broke meanwhile
