"""The question inside a page, in a real browser: what was refused is sent again by itself."""

from __future__ import annotations

import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, expect

from pms.accounts.models import User
from properties.models import Property
from tests.browsing import with_cookies
from tests.clients import signed_in
from tests.domain.accounts.given import PASSWORD

# A button of its own, so that this test does not hang on one page's look.
BUTTON = """() => {
  const button = document.createElement("button");
  button.id = "sensitive";
  button.textContent = "ask";
  button.setAttribute("hx-get", "/h/SEA/settings/sign-in/");
  button.setAttribute("hx-swap", "none");
  button.addEventListener("htmx:afterRequest", (event) => {
    button.textContent = `answered ${event.detail.xhr.status}`;
  });
  document.getElementById("main").prepend(button);
  htmx.process(button);
}"""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_question_is_asked_in_the_page_and_the_request_sent_again(
    hotel: Property, olga: User, browser: Browser, live_server_url: str
) -> None:
    olga.set_password(PASSWORD)
    olga.save()
    key = signed_in(User.objects.get(pk=olga.pk), minutes_ago=9).session.session_key
    window: BrowserContext = with_cookies(browser, live_server_url, {settings.SESSION_COOKIE_NAME: str(key)})
    page = window.new_page()
    page.goto("/h/SEA/settings/")
    page.evaluate(BUTTON)

    page.locator("#sensitive").click()
    dialog = page.locator("#prove-dialog")
    dialog.get_by_label("Password or code").fill("not this one")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.get_by_text("neither your password nor a code")).to_be_visible(timeout=30_000)
    expect(page.locator("#sensitive")).to_have_text("answered 403")
    dialog.get_by_label("Password or code").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()

    expect(page.locator("#sensitive")).to_have_text("answered 200", timeout=30_000)
    expect(dialog).not_to_be_visible()
    proofs = SessionStore(str(key))[AUTHENTICATION_METHODS_SESSION_KEY]
    assert time.time() - proofs[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    window.close()
