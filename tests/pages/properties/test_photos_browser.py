"""Photos in a real Chromium: chosen, refused with a reason, dragged and moved by keyboard, without a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property, RoomType
from properties.places.selectors import photos_of_type
from tests.browsing import with_cookies
from tests.factories.pictures import make_photo, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOON = 15_000


@pytest.fixture
def suite(hotel: Property) -> RoomType:
    return RoomType.objects.get(property=hotel, code="SUI")


@pytest.fixture
def page(suite: RoomType, anna: User, live_server_url: str, browser: Browser) -> Iterator[Page]:
    for alt in ("bed", "bath"):
        make_photo(room_type=suite, alt=alt)
    client = Client()
    client.force_login(anna)
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    page = with_cookies(browser, live_server_url, cookies, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"/h/SEA/room-types/{suite.pk}/")
    yield page
    page.context.close()


def order_of(suite: RoomType) -> list[str]:
    return [photo.alt for photo in photos_of_type(suite.pk)]


def test_photos_are_sent_with_a_reason_for_each_that_is_refused(page: Page, suite: RoomType) -> None:
    page.set_input_files(
        "#photo-upload input[type=file]",
        [
            {"name": "view.png", "mimeType": "image/png", "buffer": picture("PNG", size=(300, 200))},
            {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear guest"},
        ],
    )

    expect(page.locator(".photo-grid [data-photo]")).to_have_count(3, timeout=SOON)
    expect(page.locator(".sending li[data-tone=red]")).to_contain_text("no JPEG, PNG or WebP", timeout=SOON)
    assert suite.photos.count() == 3


def test_they_are_put_in_order_by_dragging_and_by_keyboard(page: Page, suite: RoomType) -> None:
    items = page.locator(".photo-grid [data-photo]")
    items.nth(1).drag_to(items.nth(0))
    expect(page.locator(".photo-grid li").first).to_contain_text("bath", timeout=SOON)
    expect(page.locator("#toasts")).to_contain_text("new order", timeout=SOON)
    assert order_of(suite) == ["bath", "bed"]

    earlier = page.get_by_role("button", name="Earlier").nth(1)
    expect(earlier).to_be_enabled(timeout=SOON)  # dragging moves the picture at once, the server's answer its buttons
    earlier.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".photo-grid li").first).to_contain_text("bed", timeout=SOON)
    assert order_of(suite) == ["bed", "bath"]


def test_one_is_described_and_removed_in_its_dialog(page: Page, suite: RoomType) -> None:
    page.get_by_role("button", name="Describe").first.click()
    page.get_by_label("What is to be seen").fill("A wide bed")
    page.locator("#dialog").get_by_role("button", name="Save").click()
    expect(page.locator(".photo-grid figcaption").first).to_contain_text("A wide bed", timeout=SOON)
    expect(page.locator("#dialog")).to_be_hidden()

    page.get_by_role("button", name="Describe").first.click()
    page.locator("#dialog").get_by_role("button", name="Remove").click()

    expect(page.locator(".photo-grid [data-photo]")).to_have_count(1, timeout=SOON)
    assert order_of(suite) == ["bath"]
