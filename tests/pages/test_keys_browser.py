"""Keys: sections by G and a letter, lists by J and K, all listed by ?; never while somebody types, and switched off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from pms.core import slots
from properties.models import Property
from properties.shell import GO, NAVIGATION
from tests.browsing import DESK, at_work
from tests.factories.reservations import make_reservation


def test_every_section_has_a_letter_of_its_own() -> None:
    sections = {entry.code for entry in slots.entries(NAVIGATION)}

    assert sections == set(GO), "Give each section a letter in GO"
    assert len(set(GO.values())) == len(GO)
    assert not set(GO.values()) & {"g", "j", "k"}


@pytest.fixture
def page(hotel_for_sale: Property, hugo: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    for name in ("Ada One", "Ben Two"):
        make_reservation(hotel=hotel_for_sale, name=name)
    with at_work(browser, live_server_url, hugo, viewport=DESK) as window:
        page = window.new_page()
        page.goto("/h/SEA/reservations/")
        yield page


def focused_line(page: Page) -> str:
    """Return the words of the list's line that has the focus."""
    words: str = page.evaluate("() => document.activeElement.closest('li.row')?.innerText ?? ''")
    return words


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_g_and_a_letter_lead_to_a_section(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/h/SEA/plan/")

    page.keyboard.press("p")  # alone it means nothing
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/h/SEA/reservations/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_j_and_k_walk_the_list_and_enter_opens(page: Page) -> None:
    expect(page.locator("li.row")).to_have_count(2)
    seen = []
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        seen.append(focused_line(page))
    assert seen[0] and seen[0] == seen[2] != seen[1]

    page.keyboard.press("Enter")
    page.wait_for_url("**/h/SEA/reservations/*-*/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_nothing_fires_while_somebody_types(page: Page) -> None:
    field = page.locator("main [type=search]").first
    field.click()
    page.keyboard.type("gpjk?n")

    expect(field).to_have_value("gpjk?n")
    assert page.url.endswith("/reservations/")
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_list_of_keys_names_what_this_page_knows_and_switches_them_off(page: Page) -> None:
    today = page.locator(".sidebar [data-key=t]")
    expect(today).to_have_attribute("aria-keyshortcuts", "t")
    page.keyboard.press("?")
    sheet = page.locator("#keys")
    expect(sheet.locator("dd", has_text="Go to: Room plan")).to_be_visible()
    expect(sheet.locator("dd", has_text="Next line")).to_be_visible()
    expect(sheet.locator("dt", has_text="G P")).to_be_visible()

    sheet.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.keyboard.press("j")

    assert page.url.endswith("/reservations/")
    assert focused_line(page) == ""
    assert today.get_attribute("aria-keyshortcuts") is None
