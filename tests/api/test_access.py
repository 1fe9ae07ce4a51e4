"""Who may call: tokens, scopes, the hotels a client is bound to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.idp.oidc.models import Token
from django.core.management import CommandError, call_command
from django.test import Client

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.api import scopes
from pms.api.models import ApiClient
from pms.api.services import api_client_disable, api_clients_follow_scopes
from properties.models import Property
from properties.permissions import Permission
from tests.api.partner import Partner, make_partner, make_token, problem

TOKEN = "/identity/o/api/token"
MakePartner = Callable[..., Partner]


def command(*arguments: str) -> Any:
    out = StringIO()
    call_command("api_client", *arguments, stdout=out)
    return json.loads(out.getvalue())


def ask_token(client: Client, partner: dict[str, str], **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": partner["client_id"], **more}
    return client.post(urlsplit(partner["token_url"]).path, form)


@pytest.fixture
def made(hotel: Property) -> dict[str, str]:
    """A client as the command makes it."""
    return dict(command("create", "--name", "Door locks", "--property", "SEA", "--scope", "rooms.read rooms.write"))


def test_the_command_prints_what_a_partner_needs(made: dict[str, str]) -> None:
    assert set(made) == {"client_id", "client_secret", "token_url"}
    assert made["token_url"].startswith("http")
    listed = command("list")
    assert listed == [
        {
            "client_id": made["client_id"],
            "name": "Door locks",
            "properties": ["SEA"],
            "scopes": ["rooms.read", "rooms.write"],
            "rate_per_minute": 6000,
            "active": True,
        }
    ]


def test_a_token_by_form_and_by_basic_opens_the_api(client: Client, made: dict[str, str]) -> None:
    by_form = ask_token(client, made, client_secret=made["client_secret"], scope="rooms.read")
    pair = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    by_basic = client.post(
        made["token_url"], {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"}
    )
    for answer in (by_form, by_basic):
        body = answer.json()
        assert answer.status_code == 200, body
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
        assert answer["Cache-Control"] == "no-store"
        used = client.get("/api/v1/properties/SEA/rooms", headers={"Authorization": f"Bearer {body['access_token']}"})
        assert used.status_code == 200
    assert by_form.json()["scope"] == "rooms.read"


def test_a_new_token_sweeps_the_expired_ones_of_its_client_away(client: Client, made: dict[str, str]) -> None:
    mine, other = ApiClient.objects.get(), make_partner(list(Property.objects.all()), name="Other").client
    for owner, lives in ((mine, -1), (mine, 60), (other, -1)):
        make_token(owner, lives=lives)
    assert ask_token(client, made, client_secret=made["client_secret"]).status_code == 200
    assert Token.objects.filter(client=mine.oidc).count() == 2
    assert Token.objects.expired().get().client == other.oidc


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": "{secret}", "scope": "rates.write"}, 400, "invalid_scope"),
        (
            {"client_secret": "{secret}", "grant_type": "password", "username": "a", "password": "b"},
            400,
            "invalid_grant",
        ),
        ({"client_secret": "{secret}", "grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"client_secret": "{secret}", "grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"client_secret": "{secret}", "resource": "not a uri"}, 400, "invalid_target"),
    ],
)
def test_a_token_is_refused_in_the_words_of_oauth(
    client: Client, made: dict[str, str], more: dict[str, str], status: int, error: str
) -> None:
    filled = {name: value.format(secret=made["client_secret"]) for name, value in more.items()}
    answer = ask_token(client, made, **filled)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert not Token.objects.exists()


@pytest.mark.parametrize("path", ["device", "api/userinfo", "api/clients", "api/introspect", "logout"])
def test_the_rest_of_the_identity_provider_is_closed(client: Client, db: None, path: str) -> None:
    assert client.get(f"/identity/o/{path}").status_code == 404


def test_a_client_needs_known_scopes_and_hotels(hotel: Property) -> None:
    with pytest.raises(CommandError, match=r"There is no scope rooms\.fly"):
        command("create", "--name", "X", "--property", "SEA", "--scope", "rooms.fly")
    with pytest.raises(CommandError, match="not found"):
        command("create", "--name", "X", "--property", "NOP", "--scope", "*")
    assert not ApiClient.objects.exists()
    assert not User.objects.filter(kind=User.Kind.SERVICE).exists()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic eDp5", "bearer  ", "Token x", "Bearer a b", "Bearer \x7f"]
)
def test_no_token_or_a_bad_one_is_401_with_a_challenge(hotel: Property, client: Client, header: str) -> None:
    answer = client.get("/api/v1/properties/SEA", headers={"Authorization": header} if header else {})
    problem(answer, 401, "invalid_token" if header else "not_authenticated")
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert ('error="invalid_token"' in answer["WWW-Authenticate"]) is bool(header)


def test_a_token_in_the_address_is_no_token(petra: Partner, client: Client) -> None:
    answer = client.get(petra.url("rooms"), {"access_token": petra.token})
    problem(answer, 401, "not_authenticated")


def test_a_session_does_not_open_the_api(anna: User, client: Client) -> None:
    client.force_login(anna)
    problem(client.get("/api/v1/properties/SEA"), 401, "not_authenticated")


def test_an_expired_token_is_401(petra: Partner) -> None:
    petra.token = make_token(petra.client, lives=-1)
    problem(petra.get("rooms"), 401, "invalid_token")


def test_a_token_for_another_address_is_401(petra: Partner) -> None:
    Token.objects.update(data={"resources": ["https://elsewhere.example/"]})
    problem(petra.get("rooms"), 401, "invalid_token")
    Token.objects.update(data={"resources": ["http://testserver/api/v1"]})
    assert petra.get("rooms").status_code == 200


def test_a_disabled_client_is_out_at_once(petra: Partner, client: Client) -> None:
    assert petra.get("rooms").status_code == 200
    survivor = make_token(petra.client)
    assert command("disable", petra.client.oidc_id) == {"client_id": petra.client.oidc_id, "active": False}
    problem(petra.get("rooms"), 401, "invalid_token")
    petra.token = make_token(petra.client)  # even a token that came about meanwhile
    problem(petra.get("rooms"), 401, "invalid_token")
    assert not Token.objects.by_value(survivor).exists()
    form = {"grant_type": "client_credentials", "client_id": petra.client.oidc_id, "client_secret": petra.secret}
    assert client.post(TOKEN, form).status_code in {400, 401}
    assert rights_at(User.objects.get(pk=petra.client.user_id), petra.client.properties[0]) == frozenset()


def test_a_client_of_one_hotel_does_not_see_that_another_exists(petra: Partner, other_hotel: Property) -> None:
    there = petra.get(f"/api/v1/properties/{other_hotel.code}/rooms")
    nowhere = petra.get("/api/v1/properties/NOP/rooms")
    bodies = [problem(answer, 404, "not_found") for answer in (there, nowhere)]
    assert bodies[0] | {"request_id": ""} == bodies[1] | {"request_id": ""}
    assert [row["code"] for row in petra.get("/api/v1/properties").json()["results"]] == ["SEA"]


def test_another_hotel_is_404_even_without_the_scope(partner_with: MakePartner, other_hotel: Property) -> None:
    reader = partner_with("rooms.read")
    problem(reader.get(f"/api/v1/properties/{other_hotel.code}"), 404, "not_found")


def test_a_client_of_two_hotels_sees_both(hotel: Property, other_hotel: Property) -> None:
    partner = make_partner([hotel, other_hotel])
    assert [row["code"] for row in partner.get("/api/v1/properties").json()["results"]] == ["LAK", "SEA"]
    assert partner.get("/api/v1/properties/LAK/rooms").status_code == 200


OPERATIONS = [
    ("GET", "/api/v1/properties", "properties.read"),
    ("GET", "", "properties.read"),
    ("PATCH", "", "properties.write"),
    ("GET", "room-types", "rooms.read"),
    ("GET", "rooms", "rooms.read"),
    ("GET", "rooms/101", "rooms.read"),
    ("POST", "rooms/101/condition", "rooms.write"),
    ("GET", "events", "events.read"),
]
OWN = ["properties.read", "properties.write", "rooms.read", "rooms.write", "events.read"]


@pytest.mark.parametrize("held", OWN)
def test_the_scope_matrix(partner_with: MakePartner, held: str) -> None:
    partner = partner_with(held)
    bodies = {"PATCH": {"name": "Seaside"}, "POST": {"condition": "dirty"}}
    for method, path, needed in OPERATIONS:
        answer = partner.send(method, path, bodies.get(method), **{"If-Match": '"1"'})
        if held == needed:
            assert answer.status_code == 200, answer.content
        else:
            assert problem(answer, 403, "insufficient_scope")["scope"] == needed
            assert f'scope="{needed}"' in answer["WWW-Authenticate"]


def test_a_token_for_less_than_the_client_may_is_good_for_that_only(petra: Partner) -> None:
    petra.token = make_token(petra.client, scope="rooms.read")
    assert petra.get("rooms").status_code == 200
    problem(petra.get(""), 403, "insufficient_scope")


def test_a_token_never_holds_more_than_its_client_does_now(partner_with: MakePartner) -> None:
    partner = partner_with("rooms.read")
    partner.token = make_token(partner.client, scope="*")
    problem(partner.get(""), 403, "insufficient_scope")


def test_rights_follow_the_scopes(partner_with: MakePartner, hotel: Property) -> None:
    user = partner_with("rooms.write").client.user
    assert rights_at(user, hotel.pk) == {Permission.ROOM_VIEW, Permission.ROOM_MARK, Permission.ROOM_INSPECT}


def test_a_right_taken_away_counts_at_once(petra: Partner, hotel: Property) -> None:
    from pms.accounts.services import role_set_rights

    role_set_rights(property_id=hotel.pk, role=petra.client.role, rights=[Permission.HOTEL_VIEW])
    problem(petra.get("rooms"), 403, "not_allowed")


def test_new_scopes_of_a_later_version_reach_a_client_that_may_do_all(
    petra: Partner, hotel: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {**scopes._scopes, "staff.read": scopes.Scope("staff.read", "Staff", frozenset({Permission.STAFF_VIEW}))}
    monkeypatch.setattr(scopes, "_scopes", later)
    assert Permission.STAFF_VIEW not in rights_at(petra.client.user, hotel.pk)
    api_clients_follow_scopes()
    assert Permission.STAFF_VIEW in rights_at(User.objects.get(pk=petra.client.user_id), hotel.pk)
    assert "staff.read" in ApiClient.objects.get().oidc.get_scopes()


def test_disabling_twice_is_no_error(petra: Partner) -> None:
    api_client_disable(client_id=petra.client.pk)
    assert api_client_disable(client_id=petra.client.pk).is_active is False
