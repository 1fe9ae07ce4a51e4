"""What the tests of signing in with a provider share: one that knows Hugo, and the way there and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.test import Client

from pms.accounts.models import User
from pms.accounts.openid import wire
from tests.openid_provider import CLIENT, SECRET, Provider, provider

START, BACK = "/account/openid/house/", "/account/openid/house/back/"


@contextmanager
def provided(settings: Any, hugo: User) -> Iterator[Provider]:
    """Let people sign in with a provider that knows Hugo while the block runs."""
    wire.forget()
    with provider() as one:
        settings.SITE_URL = "http://testserver"
        settings.OPENID_PROVIDERS = [
            {
                "key": "house",
                "name": "Seaside Staff",
                "issuer": one.issuer,
                "client_id": CLIENT,
                "client_secret": SECRET,
                "domains": frozenset({hugo.email.partition("@")[2]}),
                "second_step": False,
            }
        ]
        one.person = {"sub": "u-1", "email": hugo.email.upper(), "email_verified": True}
        yield one
    wire.forget()


def away(browser: Client, start: str = START) -> str:
    """Go to the provider and return the address that it sends the browser back to."""
    left = browser.get(start)
    assert left.status_code == 302, left.content
    came = httpx.get(left["Location"], follow_redirects=False)
    assert came.status_code == 302, came.headers.get("X-Wrong")
    return came.headers["Location"].removeprefix("http://testserver")


def come(browser: Client, start: str = START) -> Any:
    """Go there and come back."""
    return browser.get(away(browser, start))


def who(browser: Client) -> str | None:
    """Return the key of who is signed in at this browser."""
    return browser.session.get("_auth_user_id")
