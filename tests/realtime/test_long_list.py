"""Ten thousand reservations in a real Chromium: few rows in the document, all to be reached, all of them live."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property
from reservations.models import Reservation
from reservations.services.stays import reservation_cancel
from tests.browsing import at_work, live_page
from tests.factories.reservations import make_reservation

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MANY = 10_000
ROWS = "#reservations > [data-seq]"
BOUND = 450
# Where the list is scrolled: the page's own box on a desk, the window on a phone.
SCROLL = """(to) => {
  const page = document.getElementById("main");
  const box = page.scrollHeight > page.clientHeight + 1 ? page : document.scrollingElement;
  box.scrollTop = to === "end" ? box.scrollHeight : to;
  return [Math.round(box.scrollTop), box.scrollHeight];
}"""


@pytest.fixture
def many(hotel_for_sale: Property) -> list[uuid.UUID]:
    """Ten thousand stays, one a minute later than the other: copies of one, so that they exist within seconds."""
    first = make_reservation(hotel=hotel_for_sale, name="Nora Vorne")
    columns = [field.column for field in Reservation._meta.concrete_fields]
    other = {"id": "gen_random_uuid()", "number": "'X' || n", "arrival": "arrival + n / 100"}
    other |= {"departure": "departure + n / 100"}
    chosen = ", ".join(other.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Reservation._meta.db_table} ({names}) SELECT {chosen}"
            f" FROM {Reservation._meta.db_table}, generate_series(1, {MANY}) AS n WHERE id = %s",
            [first.pk],
        )
    listed = Reservation.objects.filter(property=hotel_for_sale).order_by("arrival", "pk")
    return list(listed.values_list("pk", flat=True))


@pytest.fixture
def page(browser: Browser, live_server_url: str, many: list[uuid.UUID], hugo: User) -> Iterator[Page]:
    """The list, open at the desk, with the line up."""
    with at_work(browser, live_server_url, hugo, viewport={"width": 1440, "height": 900}) as window:
        yield live_page(window, "reservations/")


def scroll_down(page: Page, *, turns: int) -> None:
    """Scroll to the end so many times, each time until more has come."""
    for _turn in range(turns):
        last = page.locator(ROWS).last.get_attribute("id")
        page.evaluate(SCROLL, "end")
        page.wait_for_function(
            "([rows, last]) => [...document.querySelectorAll(rows)].at(-1).id !== last",
            arg=[ROWS, last],
            timeout=30_000,
        )


def shown(page: Page) -> list[str]:
    """Return the keys of the rows in the document, in their order."""
    ids = page.locator(ROWS).evaluate_all("(rows) => rows.map((row) => row.id)")
    return [one.removeprefix("reservation-row-") for one in ids]


def test_a_list_of_ten_thousand(page: Page, many: list[uuid.UUID], hotel_for_sale: Property) -> None:
    keys = [str(pk) for pk in many]

    scroll_down(page, turns=12)

    rows = shown(page)
    begin = keys.index(rows[0])
    assert rows == keys[begin : begin + len(rows)], "rows in order, none twice, none left out"
    assert begin > 0
    assert len(rows) <= BOUND
    assert page.locator("#reservations *").count() < BOUND * 60

    # One in view changes, and one far above: the first is drawn, neither moves what is looked at.
    middle = page.evaluate("document.elementFromPoint(700, 450).closest('[data-seq]').id")
    top = page.locator(f"[id='{middle}']").bounding_box()
    key = uuid.UUID(middle.removeprefix("reservation-row-"))
    reservation_cancel(hotel=hotel_for_sale, reservation_id=many[3], reason="Ill")
    reservation_cancel(hotel=hotel_for_sale, reservation_id=key, reason="Ill")
    expect(page.locator(f"[id='{middle}']")).to_contain_text("Cancelled", timeout=15_000)
    assert page.locator(f"[id='{middle}']").bounding_box()["y"] == pytest.approx(top["y"], abs=2)  # type: ignore[index]
    assert page.locator(f"[id='reservation-row-{many[3]}']").count() == 0

    # Back to the beginning, page by page; the one that changed out of sight is drawn as it is now.
    for _turn in range(60):
        page.evaluate(SCROLL, 0)
        if shown(page)[0] == keys[0]:
            break
        page.wait_for_timeout(250)
    rows = shown(page)
    assert rows == keys[: len(rows)]
    assert len(rows) <= BOUND
    expect(page.locator(f"[id='reservation-row-{many[3]}']")).to_contain_text("Cancelled")


def test_keys_reach_what_has_not_been_fetched_yet(page: Page, many: list[uuid.UUID]) -> None:
    before = len(shown(page))

    page.locator(f"{ROWS} .who a").last.focus()
    page.keyboard.press("Tab")

    page.wait_for_function("([rows, before]) => document.querySelectorAll(rows).length > before", arg=[ROWS, before])
    assert page.evaluate("document.activeElement !== document.body")


def test_the_end_is_the_end(page: Page, many: list[uuid.UUID]) -> None:
    """From a page near the end on: nothing follows, and the words for an empty list stay hidden."""
    stay = Reservation.objects.get(pk=many[-60])
    page.goto(f"/h/SEA/reservations/?after={stay.arrival.isoformat()}_{stay.pk}")
    page.evaluate(SCROLL, "end")

    expect(page.locator(f"[id='reservation-row-{many[-1]}']")).to_be_attached()
    expect(page.locator("#reservations-pages a[rel=next]")).to_be_hidden()
    expect(page.locator("#reservations > [data-empty]")).to_be_hidden()
    assert shown(page) == [str(pk) for pk in many[-59:]]
