"""Sensitive acts ask once more who is there, after five minutes; nothing that was typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from properties.models import Membership, Property
from tests.clients import signed_in
from tests.domain.accounts.given import PASSWORD
from tests.pages.test_account_pages import code_of

PROVE = "/account/prove/"


@pytest.fixture
def long_ago(olga: User) -> Client:
    """The owner's browser, six minutes after she signed in."""
    olga.set_password(PASSWORD)
    olga.save()
    return signed_in(User.objects.get(pk=olga.pk), minutes_ago=5.1)


def staff_url(hotel: Property, user: User) -> str:
    member = Membership.objects.get(property=hotel, user=user)
    return reverse("properties:change_staff", args=[hotel.code, member.pk])


def test_within_five_minutes_nobody_asks(hotel: Property, olga: User, hugo: User) -> None:
    assert signed_in(olga, minutes_ago=4.9).get(staff_url(hotel, hugo)).status_code == 200


def test_a_form_is_kept_while_we_ask_and_done_afterwards(hotel: Property, hugo: User, long_ago: Client) -> None:
    url = staff_url(hotel, hugo)
    version = Membership.objects.get(user=hugo).version
    asked = long_ago.post(url, {"roles": ["auditor"], "version": version})
    assert asked["Location"].startswith("/account/reauthenticate/?next=")
    assert Membership.objects.get(user=hugo).roles == ["front_desk"]

    wrong = long_ago.post(asked["Location"], {"password": "wrong"})
    assert wrong.status_code == 200 and Membership.objects.get(user=hugo).roles == ["front_desk"]
    done = long_ago.post("/account/reauthenticate/", {"password": PASSWORD, "next": url})

    assert done.status_code == 302
    assert Membership.objects.get(user=hugo).roles == ["auditor"]


def test_a_stranger_and_a_colleague_learn_nothing(hotel: Property, hugo: User, maria: User, eve: User) -> None:
    url = staff_url(hotel, hugo)

    assert signed_in(maria, minutes_ago=9).get(url).status_code == 403
    assert signed_in(eve, minutes_ago=9).get(url).status_code == 404


def test_inside_a_page_a_dialog_asks(hotel: Property, hugo: User, long_ago: Client, htmx: dict[str, Any]) -> None:
    url = staff_url(hotel, hugo)
    refused = long_ago.get(url, headers=htmx)
    assert (refused.status_code, refused["X-Prove"], refused["HX-Reswap"]) == (403, PROVE, "none")
    assert "Is it still you?" in long_ago.get(PROVE).content.decode()

    wrong = long_ago.post(PROVE, {"secret": "not this one"})
    assert wrong.status_code == 422 and "neither your password nor a code" in wrong.content.decode()
    assert long_ago.get(url, headers=htmx).status_code == 403

    assert long_ago.post(PROVE, {"secret": PASSWORD}).status_code == 204
    assert long_ago.get(url).status_code == 200


def test_a_code_counts_as_well_but_not_twice(olga: User, long_ago: Client) -> None:
    secret = generate_totp_secret()
    TOTP.activate(olga, secret)
    code = code_of(secret)

    assert long_ago.post(PROVE, {"secret": code}).status_code == 204
    assert long_ago.post(PROVE, {"secret": code}).status_code == 422


def test_guesses_are_limited(long_ago: Client) -> None:
    answers = [long_ago.post(PROVE, {"secret": "wrong"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_keys_of_channels_are_never_kept_in_a_session(hotel: Property, long_ago: Client) -> None:
    url = reverse("channel_manager:add_connection", args=[hotel.code])

    asked = long_ago.post(url, {"password": "a-secret-of-the-channel"})

    assert asked["Location"].startswith("/account/reauthenticate/?next=")
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert "a-secret-of-the-channel" not in str(kept)
