"""Every list of a hotel has its states: filled, empty with a next step, coming, not come, and cut off from the house.

The pages are all of the URL conf that need no row; their lists are found in what they draw.
"""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html
import pytest
from django.test import Client
from lxml.html import HtmlElement

from pms.accounts.models import User
from properties.models import Property
from tests.clients import signed_in
from tests.factories.properties import make_hotel, make_user
from tests.permissions.routes import Route, pages

pytestmark = pytest.mark.django_db

MADE = ("rows", "people", "messages", "feed", "floors", "channel-grid")
CLASSES = " or ".join(f"contains(concat(' ', @class, ' '), ' {name} ')" for name in MADE)
LISTS = f"//main//*[@data-live-list or {CLASSES}]"
# Lists that are never without a row, or that are one part of a page whose other part says what is missing.
NEVER_EMPTY = {
    "folios:open_night_audit": "its checks and steps are always the same",
    "properties:list_staff": "whoever looks works here",
    "properties:list_audit": "the hotel itself was founded",
    "housekeeping:my_rooms": "its groups share the words below them (.none-here)",
    "properties:open_house": "each list has its way to add beside its heading",
}
LISTED = {
    "reservations:today", "reservations:list_reservations", "folios:list_folios", "properties:list_rooms",
    "housekeeping:my_rooms", "notifications:list_activity", "channel_manager:list_channels", "properties:list_staff",
    "properties:open_house", "reservations:list_closed_rooms",
}  # fmt: skip


def alone() -> Iterator[Route]:
    """Yield the pages that can be opened without naming a row."""
    for route in pages():
        if "GET" in route.methods and not route.arguments():
            yield route


def drawn(client: Client, route: Route, code: str) -> HtmlElement | None:
    """Return the page, or None where the address answers something else than a page of the hotel."""
    answer = client.get(route.url(code, {}))
    if answer.status_code != 200 or not answer.content.strip() or not answer["Content-Type"].startswith("text/html"):
        return None
    document: HtmlElement = lxml.html.document_fromstring(answer.content.decode())
    return document if document.xpath("//body[contains(@class, 'app')]") else None


@pytest.fixture
def bare(db: None) -> tuple[Property, Client]:
    """A hotel in which there is nothing yet, and its owner's browser."""
    owner = make_user(name="Nina Neu", email="nina@new.example")
    return make_hotel(code="NEW", name="New House", owner=owner, rooms=()), signed_in(owner)


def lacking(document: HtmlElement) -> list[str]:
    """Return the lists of the page that are without rows and without words that lead on."""
    found = []
    for one in document.xpath(LISTS):
        if one.xpath("ancestor-or-self::*[@hidden]"):
            continue
        rows = [child for child in one if child.get("data-seq") is not None and child.get("data-empty") is None]
        states = one.xpath(".//*[contains(concat(' ', @class, ' '), ' state ')]")
        if rows or one.xpath(LISTS.replace("//main//", ".//")):
            continue
        if not any(state.xpath(".//h3") and state.xpath(".//p | .//a | .//button") for state in states):
            found.append(one.get("id") or one.get("class"))
    return found


def test_every_list_of_a_new_hotel_says_what_comes_next(bare: tuple[Property, Client]) -> None:
    hotel, client = bare
    wrong, seen = {}, set()
    for route in alone():
        document = drawn(client, route, hotel.code)
        if document is None:
            continue
        if document.xpath(LISTS):
            seen.add(route.name)
        if route.name not in NEVER_EMPTY and (missing := lacking(document)):
            wrong[route.name] = missing

    assert wrong == {}
    assert seen >= LISTED


def test_control_a_list_without_words_is_found() -> None:
    silent = "<main><ul class='rows' id='a'></ul><ul class='rows' id='b'><li><div class='state'><h3>Nothing</h3>"

    assert lacking(lxml.html.document_fromstring(f"{silent}</div></li></ul></main>")) == ["a", "b"]
    assert lacking(lxml.html.document_fromstring(f"{silent}<p>Add one.</p></div></li></ul></main>")) == ["a"]


def test_every_page_of_a_hotel_can_say_that_a_list_comes_that_it_did_not_and_that_it_is_old(
    hotel: Property, olga: User
) -> None:
    client = signed_in(olga)
    wrong = []
    for route in alone():
        document = drawn(client, route, hotel.code)
        if document is None:
            continue
        parts = document.xpath("//template[@id='list-states']")
        there = parts and all(
            parts[0].xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")
            for name in ("loading", "failed", "unread")
        )
        if not there or not document.xpath("//main/*[@id='as-of']//time"):
            wrong.append(route.name)

    assert wrong == []
