"""A real Chromium, and people of a running hotel who sign in with it. Their pages are never loaded again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pms.accounts.models import User
from tests import clients
from tests.concurrency.open_hotel import OpenHotel

DESK = {"width": 1280, "height": 844}


def with_cookies(browser: Browser, url: str, cookies: dict[str, str], **options: Any) -> BrowserContext:
    """Return a window of somebody who has these cookies at `url`; `options` as of `Browser.new_context`."""
    context = browser.new_context(base_url=url, **options)
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    return context


@contextmanager
def at_work(browser: Browser, url: str, user: User, **options: Any) -> Iterator[BrowserContext]:
    """Open a window of somebody who is signed in at `url`; an error that a script of a page does not catch fails."""
    client = clients.signed_in(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window = with_cookies(browser, url, {cookie.key: cookie.value}, **options)
    errors: list[str] = []
    window.on("weberror", lambda error: errors.append(str(error.error)))
    try:
        yield window
    finally:
        window.close()
    assert errors == []


def signed_in(browser: Browser, house: OpenHotel, name: str, width: int) -> BrowserContext:
    """Return a window of somebody of the seeded staff, who signed in with the password that `up --seed` printed."""
    found = re.search(rf"{name}@sea\.example\s+(\S+)", house.said.read_text())
    assert found, "the seed printed no password"
    context = browser.new_context(base_url=house.url, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", f"{name}@sea.example")
    page.fill("[name=password]", found.group(1))
    page.click("main button.primary[type=submit]")
    page.wait_for_url(re.compile("/h/SEA/"))
    page.close()
    return context


def set_up_app(page: Page) -> None:
    """Set up an app as second step on the page that a new owner is led to, and go on to where she wanted."""
    page.get_by_role("link", name="Use an app on my phone").click()
    secret = page.locator("#authenticator_secret").input_value()
    counter = next(yield_hotp_counters_from_time())
    page.fill("[name=code]", format_hotp_value(hotp_value(secret, counter)))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("link", name="Done").click()


def live_page(context: BrowserContext, path: str) -> Page:
    """Open a page of the hotel, wait until its line has spoken, and mark it; see `assert_kept`."""
    page = context.new_page()
    with page.expect_websocket(lambda line: bool(line.wait_for_event("framereceived"))):
        page.goto(f"/h/SEA/{path}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.evaluate("window.neverReloaded = true")
    return page


def assert_kept(*pages: Page) -> None:
    """Assert that none of the pages was loaded again since it was opened."""
    reloaded = [page.url for page in pages if not page.evaluate("window.neverReloaded === true")]
    assert not reloaded, f"loaded again: {reloaded}"
