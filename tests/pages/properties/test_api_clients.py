"""The page of programs: let in only by somebody who proves who she is, shown once, shut out at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from pms.api.models import ApiClient
from pms.api.services import api_client_create
from properties.models import Property
from tests.factories.properties import make_member

PASSWORD = "the lights are on tonight"
BODY = {"name": "Door locks", "scopes": ["rooms.read"], "rate_per_minute": 100}


def page(name: str, *args: Any) -> str:
    return reverse(f"properties:{name}", args=["SEA", *args])


@pytest.fixture
def program(hotel: Property) -> ApiClient:
    """A program that reads rooms."""
    return api_client_create(name="Planner", property_ids=[hotel.pk], scopes=["rooms.read"]).client


@pytest.fixture
def proven(anna: User) -> Client:
    """Anna, the manager, who gave her password a moment ago."""
    anna.set_password(PASSWORD)
    anna.save()
    browser = Client()
    browser.force_login(anna)
    assert browser.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return browser


def test_letting_a_program_in_asks_for_the_password_first(anna: User, program: ApiClient, client: Client) -> None:
    anna.set_password(PASSWORD)
    anna.save()
    client.force_login(anna)
    session = client.session
    session.pop("account_authentication_methods", None)
    session.save()
    for url in (page("add_api_client"), page("rotate_api_client", program.pk)):
        for answer in (client.get(url), client.post(url, BODY)):
            assert answer.status_code == 302 and "/account/reauthenticate/" in answer["Location"]
    assert ApiClient.objects.count() == 1


def test_the_secret_is_shown_this_once(proven: Client, hotel: Property) -> None:
    answer = proven.post(page("add_api_client"), BODY)
    made = ApiClient.objects.get()
    assert answer.status_code == 200 and made.oidc_id in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    secret = answer.context["secret"]
    assert secret in answer.content.decode() and made.oidc.check_secret(secret)
    assert (made.scopes, made.rate_per_minute, made.on_behalf) == (["rooms.read"], 100, False)
    listed = proven.get(page("list_api_clients")).content.decode()
    assert "Door locks" in listed and secret not in listed


def test_a_new_secret_is_asked_for_and_given(proven: Client, program: ApiClient) -> None:
    assert proven.get(page("rotate_api_client", program.pk)).status_code == 200
    old = program.oidc.secret
    secret = proven.post(page("rotate_api_client", program.pk)).context["secret"]
    program.refresh_from_db()
    program.oidc.refresh_from_db()
    assert program.oidc.check_secret(secret) and program.previous_secret == old


def test_shut_out_without_further_questions(anna: User, program: ApiClient, client: Client) -> None:
    client.force_login(anna)
    assert client.post(page("revoke_api_client", program.pk)).status_code == 302
    program.refresh_from_db()
    assert program.is_active is False
    assert "Shut out" in client.get(page("list_api_clients")).content.decode()


def test_nobody_gives_what_she_does_not_hold(hotel: Property, proven: Client) -> None:
    from pms.accounts.services import role_set_rights
    from pms.api.permissions import Permission

    strong = api_client_create(name="Strong", property_ids=[hotel.pk], scopes=["*"]).client
    role_set_rights(property_id=hotel.pk, role="manager", rights=[*Permission, "hotel_view", "room_view"])
    answer = proven.post(page("add_api_client"), {**BODY, "scopes": ["rates.write"]})
    assert answer.status_code == 422
    assert proven.post(page("add_api_client"), {**BODY, "scopes": ["*"]}).status_code == 422
    assert proven.post(page("rotate_api_client", strong.pk)).status_code == 403
    assert ApiClient.objects.count() == 1


def test_the_auditor_looks_and_touches_nothing(hotel: Property, program: ApiClient, client: Client) -> None:
    client.force_login(make_member(hotel=hotel, name="Ada Prüfer", role="auditor").user)
    listed = client.get(page("list_api_clients"))
    assert listed.status_code == 200 and "New secret" not in listed.content.decode()
    assert client.post(page("revoke_api_client", program.pk)).status_code == 403
