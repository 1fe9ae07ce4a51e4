"""Signed in by the provider of the house: its second step, and the proof that it is still the same person."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from pms.accounts import notices, second_step
from pms.accounts.models import OpenidIdentity, User
from pms.accounts.openid import flow
from properties.models import Membership, Property
from tests.committed import committed
from tests.openid_provider import Provider
from tests.pages.openid_rounds import START, come
from tests.posted import posted

# --- the second step --------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(hotel: Property, hugo: User) -> Property:
    """The hotel, which asks Hugo for a second step."""
    role = Membership.objects.get(property=hotel, user=hugo).roles[0]
    second_step.policy_set(property_id=hotel.pk, asked=True, roles=[role])
    return hotel


@pytest.mark.parametrize(
    ("counts", "claims", "led"),
    [
        (False, {"amr": ["pwd", "mfa"]}, True),
        (True, {"amr": ["pwd"]}, True),
        (True, {}, True),
        (True, {"amr": ["pwd", "mfa"]}, False),
        (True, {"acr": "urn:house:mfa"}, False),
    ],
)
def test_the_second_step_of_the_provider_counts_only_if_the_settings_say_so(
    house: Provider, asked: Property, hugo: User, settings: Any, counts: bool, claims: dict[str, Any], led: bool
) -> None:
    settings.OPENID_PROVIDERS = [{**settings.OPENID_PROVIDERS[0], "second_step": counts}]
    house.person |= claims
    client = Client()
    come(client)
    page = client.get(f"/h/{asked.code}/staff/")
    assert page.get("Location", "").startswith("/account/second-step/") is led


def test_a_session_without_the_step_gains_nothing_by_one_with_it(
    house: Provider, asked: Property, hugo: User, settings: Any
) -> None:
    settings.OPENID_PROVIDERS = [{**settings.OPENID_PROVIDERS[0], "second_step": True}]
    without_step, with_step = Client(), Client()
    come(without_step)
    house.person |= {"amr": ["mfa"]}
    come(with_step)

    assert not second_step.due(User.objects.get(pk=hugo.pk))
    assert with_step.get("/account/sessions/").status_code == 200
    assert without_step.get("/account/sessions/")["Location"].startswith("/account/login/")  # signed out

    del house.person["amr"]
    come(Client())
    assert second_step.due(User.objects.get(pk=hugo.pk))
    assert with_step.get("/account/sessions/")["Location"].startswith("/account/login/")


# --- is it still you? -------------------------------------------------------------------------------------------------


@pytest.fixture
def later(house: Provider, hugo: User) -> Client:
    """The browser of Hugo, who has no password, an hour after he signed in with the provider."""
    hugo.set_unusable_password()
    hugo.save()
    client = Client()
    come(client)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    house.signed_in_at = time.time() - 3600
    return client


def test_whoever_has_no_password_proves_herself_by_the_provider(house: Provider, later: Client) -> None:
    asked = later.get("/account/2fa/totp/activate/")
    assert asked["Location"].startswith(f"{START}prove/?next=")
    came = come(later, asked["Location"])
    assert came["Location"] == "/account/2fa/totp/activate/"
    assert house.asked[-1]["prompt"] == "login" and house.asked[-1]["max_age"] == "0"
    assert later.get("/account/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
@pytest.mark.parametrize("lie", ["old", "unsaid"])
def test_a_provider_that_did_not_ask_again_proves_nothing(
    house: Provider, later: Client, monkeypatch: Any, lie: str, twin: bool
) -> None:
    house.forgets_to_ask = lie == "old"
    house.lies = {"auth_time": None} if lie == "unsaid" else {}
    if twin:
        monkeypatch.setattr(flow, "_check_asked_again", lambda *_what: None)
    come(later, f"{START}prove/?next=/account/2fa/totp/activate/")
    assert (later.get("/account/2fa/totp/activate/").status_code == 200) is twin


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
def test_somebody_elses_account_proves_nothing(house: Provider, later: Client, monkeypatch: Any, twin: bool) -> None:
    house.person = {**house.person, "sub": "u-2"}
    if twin:
        monkeypatch.setattr("pms.accounts.openid.views.check_is", lambda *_what, **_more: None)
    come(later, f"{START}prove/?next=/account/2fa/totp/activate/")
    assert (later.get("/account/2fa/totp/activate/").status_code == 200) is twin


def test_the_dialog_offers_the_provider(later: Client) -> None:
    dialog = later.get("/account/prove/").content.decode()
    assert f"{START}prove/?next=/account/proved/" in dialog and "password" not in dialog.lower()


def test_it_was_not_me_takes_the_provider_away(house: Provider, hugo: User) -> None:
    with committed():
        come(Client())
    link = posted()[-1].body.partition("/account/not-me/")[2].partition("/")[0]
    notices.account_secure(token=link)
    assert not OpenidIdentity.objects.exists() and not EmailAddress.objects.filter(user=hugo).exists()
