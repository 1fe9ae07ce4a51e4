"""Passkeys in a real browser, with an authenticator that Chromium pretends: added, used alone, used as second step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from pms.accounts.models import User
from tests.domain.accounts.given import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIGNED_IN = re.compile(r"/$|/no-hotel|/h/")


@pytest.fixture
def me() -> User:
    """Somebody with a password and no hotel."""
    return make_user("Hugo")


@pytest.fixture
def window(browser: Browser, live_server_url: str) -> Iterator[BrowserContext]:
    """A browser at the hotel under the name localhost: passkeys are for names, never for numbers."""
    context = browser.new_context(base_url=live_server_url.replace("127.0.0.1", "localhost"), reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Page:
    """A page whose device has a finger-print reader; what the console complains of fails the test."""
    page = window.new_page()
    device(page)
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda line: complain(page, line))
    return page


def complain(page: Page, line: ConsoleMessage) -> None:
    """Keep what the console says is wrong."""
    if line.type == "error":
        page.complaints.append(line.text)  # type: ignore[attr-defined]


def device(page: Page, **changes: Any) -> None:
    """Give the page an authenticator that keeps keys and knows its owner."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options | changes})


def by_password(page: Page, user: User) -> None:
    """Type the password."""
    page.goto("/account/login/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page, name: str) -> None:
    """Add a passkey on the page for it."""
    page.goto("/account/2fa/webauthn/add/")
    page.fill("[name=name]", name)
    page.get_by_role("button", name="Ask this device").click()
    page.wait_for_url(re.compile("/account/2fa/recovery-codes/|/account/2fa/$"))


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "logout" not in url)


def test_a_passkey_signs_in_alone_and_is_a_second_step_already(page: Page, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert Authenticator.objects.get(type="webauthn").wrap().name == "My laptop"
    sign_out(page)

    page.goto("/account/login/?next=/account/sessions/")
    page.get_by_role("button", name="Use passkey").click()

    page.wait_for_url(re.compile("/account/sessions/"))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_after_the_password_the_passkey_is_asked_for(page: Page, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")
    sign_out(page)

    by_password(page, me)

    page.wait_for_url(re.compile("/2fa/authenticate"))
    page.get_by_role("button", name="Use passkey").click()
    page.wait_for_url(SIGNED_IN)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_somebody_elses_device_does_not_open_the_door(page: Page, window: BrowserContext, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")
    sign_out(page)
    by_password(page, me)
    page.wait_for_url(re.compile("/2fa/authenticate"))
    stranger = window.new_page()
    device(stranger)
    stranger.goto("/account/2fa/authenticate/")

    stranger.get_by_role("button", name="Use passkey").click()

    expect(stranger.get_by_role("alert").filter(has_text="The device did not answer")).to_be_visible(timeout=30_000)
    expect(stranger.get_by_role("button", name="Use passkey")).to_be_enabled()


def test_a_passkey_is_renamed_and_removed(page: Page, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")
    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Rename").click()
    page.fill("[name=name]", "The old laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The old laptop").first).to_be_visible()
    page.get_by_role("link", name="Remove").click()

    page.get_by_role("button", name="Remove").click()

    page.wait_for_url(re.compile("/2fa/webauthn/$"))
    assert not Authenticator.objects.filter(user=me).exists(), "and the recovery codes go with the last key"


def test_a_passkey_proves_again_who_is_there(page: Page, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")

    page.goto("/account/reauthenticate/?next=/account/sessions/")
    page.get_by_role("link", name="Use passkey").click()
    page.get_by_role("button", name="Use passkey").click()

    page.wait_for_url(re.compile("/account/sessions/"))


def test_a_device_that_has_a_key_already_says_so(page: Page, me: User) -> None:
    by_password(page, me)
    page.wait_for_url(SIGNED_IN)
    add_passkey(page, "My laptop")
    page.goto("/account/2fa/webauthn/add/")

    page.get_by_role("button", name="Ask this device").click()

    expect(page.get_by_role("alert").filter(has_text="has a passkey for you already")).to_be_visible(timeout=30_000)
    assert Authenticator.objects.filter(type="webauthn").count() == 1
