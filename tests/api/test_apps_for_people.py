"""Apps that act for a person: she consents on a page, the app gets a code, and never may do more than she."""

from __future__ import annotations

import json
import secrets
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.idp.oidc.models import Token
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from pms.accounts.services import role_set_rights
from pms.api.models import ApiClient, ApiGrant
from pms.api.selectors import grants_of
from pms.api.services import (
    api_client_disable,
    api_grant_give,
    api_grant_revoke,
    token_revoke,
)
from pms.core.models import AuditEntry
from properties.models import Membership, Property
from properties.permissions import Permission
from properties.services import staff_remove
from tests.api.apps import AUTHORIZE, BACK, REVOKE, App, allow, signed_in
from tests.api.partner import problem
from tests.factories.properties import make_member


def test_from_the_link_to_a_token_that_acts_for_her(app: App, hotel: Property, maria: User) -> None:
    browser = signed_in(maria)
    page = browser.get(app.link())
    assert page.status_code == 200
    assert "Shift planner" in page.content.decode() and hotel.name in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")

    sent = browser.post(app.link(), allow([hotel], "rooms.read rooms.write"))
    assert sent.status_code == 302 and sent["Location"].startswith(f"{BACK}?")
    told = parse_qs(urlsplit(sent["Location"]).query)
    assert set(told) == {"code", "state"} and told["state"] == ["xyz"]

    answer = app.exchange(told["code"][0])
    held = answer.json()
    assert (answer.status_code, held["token_type"], held["expires_in"]) == (200, "Bearer", 3600)
    assert answer["Cache-Control"] == "no-store"
    assert app.get(held["access_token"]).status_code == 200
    marked = app.post(held["access_token"], "/api/v1/properties/SEA/rooms/101/condition", {"condition": "dirty"})
    assert marked.status_code == 200
    assert AuditEntry.objects.filter(object_repr="101").latest("id").actor_id == maria.pk


def test_nothing_but_hashes_is_stored(tokens: dict[str, Any]) -> None:
    stored = {value for row in Token.objects.values_list("hash", "data", "scopes") for value in map(str, row)}
    for name in ("access_token", "refresh_token"):
        assert not any(tokens[name] in value for value in stored)
    assert Token.objects.by_value(tokens["access_token"]).exists()


def test_she_may_not_do_it_so_the_app_may_not(app: App, hotel: Property, tokens: dict[str, Any]) -> None:
    """A housekeeper does not inspect: the scope `rooms.write` stands for it, her rights do not."""
    path = "/api/v1/properties/SEA/rooms/101/condition"
    problem(app.post(tokens["access_token"], path, {"condition": "inspected"}), 403, "not_allowed")


def test_her_rights_do_not_reach_beyond_its_scopes(hotel: Property, olga: User) -> None:
    app = App([hotel], scope="rooms.read properties.read")
    held = app.exchange(app.code(signed_in(olga), [hotel], "rooms.read")).json()
    assert held["scope"] == "rooms.read"
    assert app.get(held["access_token"]).status_code == 200
    problem(app.get(held["access_token"], "/api/v1/properties/SEA"), 403, "insufficient_scope")
    path = "/api/v1/properties/SEA/rooms/101/condition"
    problem(app.post(held["access_token"], path, {"condition": "dirty"}), 403, "insufficient_scope")


def test_a_right_she_loses_is_lost_to_the_app_with_the_next_call(
    app: App, hotel: Property, tokens: dict[str, Any]
) -> None:
    assert app.get(tokens["access_token"]).status_code == 200
    role_set_rights(property_id=hotel.pk, role="housekeeper", rights=[Permission.HOTEL_VIEW])
    problem(app.get(tokens["access_token"]), 403, "not_allowed")
    role_set_rights(property_id=hotel.pk, role="housekeeper", rights=[Permission.HOTEL_VIEW, Permission.ROOM_VIEW])
    assert app.get(tokens["access_token"]).status_code == 200


def test_who_no_longer_works_there_is_not_there(app: App, hotel: Property, maria: User, tokens: dict[str, Any]) -> None:
    staff_remove(membership_id=Membership.objects.get(property=hotel, user=maria).pk)
    problem(app.get(tokens["access_token"]), 404, "not_found")


def test_who_is_shut_out_is_out_with_her_apps(app: App, maria: User, tokens: dict[str, Any]) -> None:
    maria.is_active = False
    maria.save(update_fields=["is_active"])
    problem(app.get(tokens["access_token"]), 401, "invalid_token")
    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_only_the_hotels_she_chose(hotel: Property, other_hotel: Property, maria: User) -> None:
    make_member(hotel=other_hotel, name=maria.name, email=maria.email, role="housekeeper")
    app = App([hotel, other_hotel])
    browser = signed_in(maria)
    assert other_hotel.name in browser.get(app.link()).content.decode()
    held = app.exchange(app.code(browser, [hotel])).json()
    assert app.get(held["access_token"]).status_code == 200
    problem(app.get(held["access_token"], "/api/v1/properties/LAK/rooms"), 404, "not_found")

    again = app.exchange(app.code(browser, [other_hotel])).json()
    problem(app.get(held["access_token"]), 401, "invalid_token")  # her last word replaces the former one
    problem(app.get(again["access_token"]), 404, "not_found")
    assert app.get(again["access_token"], "/api/v1/properties/LAK/rooms").status_code == 200


def test_a_hotel_where_the_app_is_not_admitted_cannot_be_chosen(
    app: App, hotel: Property, other_hotel: Property, maria: User
) -> None:
    make_member(hotel=other_hotel, name=maria.name, email=maria.email, role="housekeeper")
    browser = signed_in(maria)
    assert other_hotel.name not in browser.get(app.link()).content.decode()
    for body in (allow([other_hotel], "rooms.read"), allow([hotel], "rates.write"), allow([], "rooms.read")):
        assert browser.post(app.link(), body).status_code == 422
    assert not ApiGrant.objects.exists()


def test_whoever_works_at_none_of_its_hotels_is_told_so(app: App, eve: User) -> None:
    assert signed_in(eve).get(app.link()).status_code == 403
    assert signed_in(eve).post(app.link(), {"answer": "allow"}).status_code == 403


def test_signed_out_she_signs_in_first(app: App, db: None) -> None:
    answer = Client().get(app.link())
    assert answer.status_code == 302 and answer["Location"].startswith("/account/login/?next=/identity/o/authorize")


def test_no_is_an_answer(app: App, hotel: Property, maria: User) -> None:
    answer = signed_in(maria).post(app.link(), {"answer": "deny"})
    assert answer["Location"] == f"{BACK}?error=access_denied&state=xyz"
    assert not ApiGrant.objects.exists()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": "id_token"}, "unauthorized_client"),
        ({"scope": "rates.write"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"prompt": "none"}, "interaction_required"),
    ],
)
def test_a_wrong_question_goes_back_with_the_words_of_oauth(
    app: App, maria: User, more: dict[str, str | None], error: str
) -> None:
    browser = signed_in(maria)
    for answer in (browser.get(app.link(**more)), browser.post(app.link(**more), {"answer": "allow"})):
        assert answer.status_code == 302, answer.content
        assert answer["Location"].startswith(BACK)
        assert error in answer["Location"] and "access_token" not in answer["Location"]
    assert not ApiGrant.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": "https://shift.example/back/"},
        {"redirect_uri": "https://shift.example/back?more=1"},
        {"redirect_uri": "https://shift.example@evil.example/back"},
        {"redirect_uri": None},
        {"client_id": "\x00"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(app: App, maria: User, more: dict[str, str | None]) -> None:
    browser = signed_in(maria)
    for answer in (browser.get(app.link(**more)), browser.post(app.link(**more), {"answer": "allow"})):
        assert answer.status_code == 400
        assert "Location" not in answer
        assert "evil" not in answer.content.decode()


def test_a_code_is_good_once_for_this_app_with_its_verifier(
    app: App, hotel: Property, maria: User, other_hotel: Property
) -> None:
    browser, other = signed_in(maria), App([hotel])
    for wrong in ({"code_verifier": "x" * 43}, {"code_verifier": ""}, {"redirect_uri": "https://evil.example/"}):
        assert app.exchange(app.code(browser, [hotel]), **wrong).status_code == 400
    assert other.exchange(app.code(browser, [hotel]), code_verifier=app.verifier).status_code == 400
    assert app.exchange(app.code(browser, [hotel]), client_secret="wrong").status_code == 401
    code = app.code(browser, [hotel])
    assert app.exchange(code).status_code == 200
    assert app.exchange(code).json() == {"error": "invalid_grant"}
    assert Token.objects.filter(type="at").count() == 1


def test_she_takes_it_back_on_her_account_page(
    app: App, hotel: Property, maria: User, hugo: User, tokens: dict[str, Any]
) -> None:
    app.get(tokens["access_token"])
    browser = signed_in(maria)
    page = browser.get(reverse("identity:list_apps")).content.decode()
    assert "Shift planner" in page and hotel.name in page and "used 0" in page.replace("\xa0", " ")
    grant = grants_of(maria)[0]
    assert signed_in(hugo).post(reverse("identity:revoke_app", args=[grant.pk])).status_code == 404
    assert app.get(tokens["access_token"]).status_code == 200

    assert browser.post(reverse("identity:revoke_app", args=[grant.pk])).status_code == 302
    problem(app.get(tokens["access_token"]), 401, "invalid_token")
    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert "Shift planner no longer" in browser.get(reverse("identity:list_apps")).content.decode()
    assert grants_of(maria) == []
    told = AuditEntry.objects.get_for_object(ApiGrant.objects.get()).latest("id")
    assert "revoked_at" in told.changes and told.actor_id == maria.pk


def test_even_a_token_that_outlived_the_grant_is_good_for_nothing(
    app: App, hotel: Property, maria: User, tokens: dict[str, Any]
) -> None:
    survivor = Token.objects.by_value(tokens["access_token"]).get()
    api_grant_revoke(grant_id=ApiGrant.objects.get().pk)
    survivor.save()
    problem(app.get(tokens["access_token"]), 401, "invalid_token")


def test_the_app_gives_its_token_back(app: App, hotel: Property, tokens: dict[str, Any]) -> None:
    other = App([hotel])
    own = {"client_id": app.client.oidc_id, "client_secret": app.secret}
    theirs = {"client_id": other.client.oidc_id, "client_secret": other.secret, "token": tokens["access_token"]}
    assert app.browser.post(REVOKE, theirs).status_code == 200
    assert app.get(tokens["access_token"]).status_code == 200  # another's token is left alone
    assert app.browser.post(REVOKE, {**own, "token": tokens["refresh_token"], "client_secret": "x"}).status_code == 401
    assert app.browser.post(REVOKE, {**own, "token": "never seen"}).status_code == 200
    assert app.browser.post(REVOKE, {**own, "token": tokens["refresh_token"]}).status_code == 200
    problem(app.get(tokens["access_token"]), 401, "invalid_token")
    assert not Token.objects.exists()


def test_what_she_allowed_is_replaced_by_her_next_word(app: App, hotel: Property, maria: User) -> None:
    first = api_grant_give(client=app.client, user_id=maria.pk, property_ids=[hotel.pk], scopes=["rooms.read"])
    again = api_grant_give(client=app.client, user_id=maria.pk, property_ids=[hotel.pk], scopes=["rooms.write"])
    assert (first.pk, again.scopes, ApiGrant.objects.count()) == (again.pk, ["rooms.write"], 1)
    token_revoke(value="never given", client_id=app.client.oidc_id)  # no error: RFC 7009, 2.2


def test_a_disabled_app_is_out_at_once_and_asks_nobody(app: App, maria: User, tokens: dict[str, Any]) -> None:
    api_client_disable(client_id=app.client.pk)
    problem(app.get(tokens["access_token"]), 401, "invalid_token")
    assert app.renew(tokens["refresh_token"]).status_code in {400, 401}
    assert signed_in(maria).get(app.link()).status_code == 400


def test_an_app_has_no_rights_of_its_own(app: App, hotel: Property) -> None:
    assert app.ask(grant_type="client_credentials").status_code == 400
    value = secrets.token_urlsafe(40)
    forged = Token(client=app.client.oidc, type=Token.Type.ACCESS_TOKEN)
    forged.set_value(value)
    forged.set_scopes(["rooms.read"])
    forged.save()
    problem(app.get(value), 401, "invalid_token")


def test_a_public_app_has_no_secret_and_needs_none(hotel: Property, maria: User) -> None:
    app = App([hotel], public=True)
    assert app.secret == ""
    held = app.exchange(app.code(signed_in(maria), [hotel])).json()
    assert app.get(held["access_token"]).status_code == 200
    assert app.renew(held["refresh_token"]).status_code == 200


def test_the_page_lets_the_answer_through_to_the_app_alone(app: App, maria: User) -> None:
    policy = signed_in(maria).get(app.link())["Content-Security-Policy"]
    assert "form-action 'self' https://shift.example;" in policy + ";"
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_consent_without_the_forms_own_token_is_refused(app: App, hotel: Property, maria: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(maria)
    assert careful.post(app.link(), allow([hotel], "rooms.read")).status_code == 403
    assert not ApiGrant.objects.exists()


def test_idempotency_keys_of_two_people_never_meet(app: App, hotel: Property, maria: User, sara: User) -> None:
    held = [app.exchange(app.code(signed_in(one), [hotel])).json()["access_token"] for one in (maria, sara)]
    path, key = "/api/v1/properties/SEA/rooms/101/condition", {"Idempotency-Key": "k"}
    assert app.post(held[0], path, {"condition": "dirty"}, **key).status_code == 200
    assert app.post(held[1], path, {"condition": "clean"}, **key).status_code == 200


@pytest.mark.parametrize(
    "uri", ["http://shift.example/back", "https://*.example/", "https://x.example/#a", "javascript:alert(1)", "//x", ""]
)
def test_an_app_is_registered_with_addresses_that_are_safe(hotel: Property, uri: str) -> None:
    with pytest.raises(CommandError, match="Nothing was made"):
        call_command("api_client", "create", "--name=X", "--property=SEA", "--scope=*", f"--redirect-uri={uri}")
    assert not ApiClient.objects.exists()


def test_the_command_registers_an_app_and_gives_new_secrets(hotel: Property) -> None:
    out = StringIO()
    arguments = ("create", "--name=X", "--property=SEA", "--scope=rooms.read", "--redirect-uri=com.example.x:/back")
    call_command("api_client", *arguments, stdout=out)
    made = json.loads(out.getvalue())
    assert made["authorize_url"].endswith(AUTHORIZE)
    assert set(made) == {"client_id", "client_secret", "token_url", "authorize_url"}
    call_command("api_client", "rotate", made["client_id"], stdout=(out := StringIO()))
    assert json.loads(out.getvalue())["client_secret"] != made["client_secret"]
