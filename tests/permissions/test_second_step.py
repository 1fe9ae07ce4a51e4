"""Whoever lacks the second step that her hotel asks for: every page, piece, socket and the administration refuse."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from pms.accounts import second_step
from pms.accounts.models import User
from pms.live.consumers import _audience
from tests.permissions.house import House, browser, values_for, writes, written_since
from tests.permissions.routes import Route, cases, name_of
from tests.permissions.test_pages import send


@pytest.fixture
def olga(house: House) -> User:
    """The owner of SEA, which is no trial any more."""
    second_step.policy_set(property_id=house.sea.row.pk, asked=True)
    return User.objects.get(pk=house.olga.pk)


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_every_page_leads_to_setting_it_up(house: House, olga: User, case: tuple[Route, str]) -> None:
    route, _method = case
    url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
    client = browser(olga)
    before = writes()

    page, piece = send(client, case, url), send(client, case, url, hx_request="true")

    assert page.status_code == 302 and page["Location"].startswith("/account/second-step/")
    assert (piece.status_code, piece["HX-Redirect"]) == (403, "/account/second-step/") and not piece.content
    assert written_since(before) == []


@pytest.mark.parametrize("path", ["/", "/admin/", "/admin/properties/property/", "/nowhere/"])
def test_so_does_everything_else(olga: User, path: str) -> None:
    assert browser(olga).get(path)["Location"].startswith("/account/second-step/?next=")


def test_the_socket_refuses(olga: User) -> None:
    assert _audience(olga, "SEA") is None

    TOTP.activate(olga, generate_totp_secret())

    assert _audience(User.objects.get(pk=olga.pk), "SEA") is not None


def test_the_way_back_leads_to_where_she_wanted(olga: User) -> None:
    client: Any = browser(olga)
    page = client.get("/h/SEA/rooms/?condition=dirty", follow=True)
    assert page.status_code == 200 and "One more key" in page.content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200

    TOTP.activate(olga, generate_totp_secret())

    assert client.get(reverse("account_second_step"))["Location"] == "/h/SEA/rooms/?condition=dirty"


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_is_never_elsewhere(olga: User, foreign: str) -> None:
    client = browser(olga)
    client.get(reverse("account_second_step"), {"next": foreign})
    TOTP.activate(olga, generate_totp_secret())

    assert client.get(reverse("account_second_step"))["Location"] == "/"
