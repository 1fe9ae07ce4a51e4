"""People sign in with the provider of their house, and with nothing that is not proved to come from it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from pms.accounts.models import OpenidIdentity, User
from pms.accounts.openid import flow, people, tokens, wire
from pms.accounts.services import user_set_active
from pms.core.models import AuditEntry
from tests.committed import committed
from tests.openid_provider import CLIENT, SECRET, Provider, provider
from tests.pages.openid_rounds import BACK, START, away, come, who
from tests.posted import posted

# --- coming in --------------------------------------------------------------------------------------------------------


def test_nothing_shows_where_no_provider_is_set(client: Client) -> None:
    assert "openid" not in client.get("/account/login/").content.decode()
    assert client.get(START).status_code == 404


def test_the_first_time_by_a_verified_address_then_by_the_providers_own_key(house: Provider, hugo: User) -> None:
    client = Client()
    page = client.get("/account/login/?next=/account/sessions/").content.decode()
    assert "Sign in with Seaside Staff" in page and f'href="{START}?next=%2Faccount%2Fsessions%2F"' in page

    with committed():
        answer = come(client, f"{START}?next=/account/sessions/")

    assert answer["Location"] == "/account/sessions/" and who(client) == str(hugo.pk)
    assert OpenidIdentity.objects.get().subject == "u-1"
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"sign_in.linked", "sign_in.succeeded"} <= acts
    assert [one.subject for one in posted()] == ["A way to sign in was added: Seaside Staff"]

    house.person = {"sub": "u-1", "email": "married@elsewhere.example"}  # another name, the same key
    again = Client()
    come(again)
    assert who(again) == str(hugo.pk) and OpenidIdentity.objects.count() == 1


def test_where_one_goes_after_is_ours(house: Provider) -> None:
    assert come(Client(), f"{START}?next=https://evil.example/")["Location"] == "/"


def test_a_key_that_was_changed_at_the_provider_is_fetched(house: Provider, hugo: User, monkeypatch: Any) -> None:
    come(Client())
    house.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    house.kid = "two"
    monkeypatch.setattr(wire, "KEYS_AGAIN", 0)
    client = Client()
    come(client)
    assert who(client) == str(hugo.pk)


# --- what is not proved is not believed -------------------------------------------------------------------------------


def unchecked(name: str) -> Callable[[Any], None]:
    """Return the twin without one of the library's checks."""
    return lambda monkeypatch: monkeypatch.setitem(tokens.CHECKS, name, False)


def without(where: Any, name: str, answer: Any = None) -> Callable[[Any], None]:
    """Return the twin without one of ours."""
    return lambda monkeypatch: monkeypatch.setattr(where, name, lambda *_what, **_more: answer)


def by_stranger(_house: Provider) -> Any:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return lambda claims: jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


def by_nobody(_house: Provider) -> Any:
    return lambda claims: jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})


def by_public_key_as_secret(house: Provider) -> Any:
    """The classic confusion: HMAC with what everybody knows, the public key."""

    def part(value: Any) -> str:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def sign(claims: dict[str, Any]) -> str:
        text = f"{part({'alg': 'HS256', 'kid': 'one', 'typ': 'JWT'})}.{part(claims)}"
        return f"{text}.{part(hmac.new(house.public_pem(), text.encode(), hashlib.sha256).digest())}"

    return sign


def any_algorithm(monkeypatch: Any) -> None:
    """The twin that takes whatever algorithm a token names, and looks at no signature."""
    monkeypatch.setattr(tokens, "ALGORITHMS", {**tokens.ALGORITHMS, "none": "RSA", "HS256": "RSA"})
    monkeypatch.setattr(tokens, "_key", lambda *_what: "")
    monkeypatch.setitem(tokens.CHECKS, "verify_signature", False)


NOW = int(time.time())
LIES: dict[str, tuple[dict[str, Any], Callable[[Any], None]]] = {
    "another nonce": ({"nonce": "n" * 43}, without(tokens, "_check_nonce")),
    "no nonce": ({"nonce": None}, without(tokens, "_check_nonce")),
    "another audience": ({"aud": "somebody else"}, unchecked("verify_aud")),
    "made for another": ({"aud": [CLIENT, "other"], "azp": "other"}, without(tokens, "_check_party")),
    "another issuer": ({"iss": "https://evil.example"}, unchecked("verify_iss")),
    "expired": ({"exp": NOW - 3600, "iat": NOW - 7200}, unchecked("verify_exp")),
    "of tomorrow": ({"iat": NOW + 86400, "exp": NOW + 90000}, unchecked("verify_iat")),
}
SIGNERS: dict[str, tuple[Callable[[Provider], Any], Callable[[Any], None]]] = {
    "bad signature": (by_stranger, unchecked("verify_signature")),
    "none": (by_nobody, any_algorithm),
    "public key as secret": (by_public_key_as_secret, any_algorithm),
}


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_opens_nothing(house: Provider, hugo: User, monkeypatch: Any, lie: str, twin: bool) -> None:
    house.lies, let_through = LIES[lie]
    _believed_only_by(let_through if twin else None, hugo, monkeypatch)


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
@pytest.mark.parametrize("signer", SIGNERS)
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    house: Provider, hugo: User, monkeypatch: Any, signer: str, twin: bool
) -> None:
    sign, let_through = SIGNERS[signer]
    house.sign = sign(house)
    _believed_only_by(let_through if twin else None, hugo, monkeypatch)


def _believed_only_by(twin: Callable[[Any], None] | None, hugo: User, monkeypatch: Any) -> None:
    if twin is not None:
        twin(monkeypatch)
    client = Client()
    answer = come(client)
    if twin is not None:
        assert who(client) == str(hugo.pk), "the lie was caught by another check: the control shows nothing"
        return
    assert answer.status_code == 403 and who(client) is None
    assert "an answer that we do not trust" in answer.content.decode()
    assert AuditEntry.objects.filter(act="sign_in.refused").exists()
    assert not OpenidIdentity.objects.exists()


def test_a_provider_that_calls_itself_something_else_is_none(house: Provider) -> None:
    house.says = {"issuer": "https://evil.example"}
    assert Client().get(START).status_code == 403


# --- whose account ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
@pytest.mark.parametrize("verified", [False, "true", 1, None])
def test_an_address_that_is_not_verified_opens_nothing(
    house: Provider, hugo: User, monkeypatch: Any, verified: Any, twin: bool
) -> None:
    house.lies = {"email_verified": verified}
    if twin:
        monkeypatch.setattr(tokens, "_verified_email", lambda said: said["email"])
    client = Client()
    come(client)
    assert (who(client) == str(hugo.pk)) is twin


def test_nobody_signs_up(house: Provider) -> None:
    people_before = User.objects.count()
    house.person |= {"email": f"nobody@{house.person['email'].partition('@')[2]}"}
    client = Client()
    answer = come(client)
    assert answer.status_code == 403 and who(client) is None
    assert "Nobody works here under this account" in answer.content.decode()
    assert User.objects.count() == people_before and not OpenidIdentity.objects.exists()


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
def test_a_foreign_domain_is_not_vouched_for(
    house: Provider, hugo: User, settings: Any, monkeypatch: Any, twin: bool
) -> None:
    foreign = frozenset({"elsewhere.example"})
    settings.OPENID_PROVIDERS = [{**settings.OPENID_PROVIDERS[0], "domains": foreign}]
    if twin:
        monkeypatch.setattr("pms.accounts.providers.Provider.vouches_for", lambda *_what: True)
    client = Client()
    come(client)
    assert (who(client) == str(hugo.pk)) is twin


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
@pytest.mark.parametrize("linked", [False, True])
def test_somebody_shut_out_stays_out(house: Provider, hugo: User, monkeypatch: Any, linked: bool, twin: bool) -> None:
    if linked:
        come(Client())
    user_set_active(user_id=hugo.pk, active=False)
    if twin:
        monkeypatch.setattr(people, "_let_in", lambda user: user)
    client = Client()
    answer = come(client)
    if twin:  # the library has a check of its own behind ours: its page, and nobody is signed in
        assert answer["Location"] == "/account/inactive/"
        return
    assert answer.status_code == 403 and who(client) is None
    assert "Nobody works here under this account" in answer.content.decode()


def test_whoever_inherits_an_address_does_not_inherit_the_account(house: Provider, hugo: User) -> None:
    come(Client())
    house.person = {**house.person, "sub": "u-2"}
    client = Client()
    answer = come(client)
    assert answer.status_code == 403 and who(client) is None
    assert OpenidIdentity.objects.get().subject == "u-1"


def test_somebody_whose_account_there_is_new_is_untied_by_hand(house: Provider, hugo: User) -> None:
    come(Client())
    call_command("openid_unlink", hugo.email.upper())
    house.person = {**house.person, "sub": "u-2"}
    client = Client()
    come(client)
    assert who(client) == str(hugo.pk) and OpenidIdentity.objects.get().subject == "u-2"
    assert AuditEntry.objects.filter(act="sign_in.unlinked").count() == 1


# --- the round --------------------------------------------------------------------------------------------------------


def test_an_answer_without_a_round_that_this_browser_began_is_refused(house: Provider) -> None:
    victim = Client()
    stolen = away(Client())
    for address in (stolen, BACK, f"{BACK}?code=1&state=2", f"{BACK}?error=access_denied&state=2"):
        answer = victim.get(address)
        assert answer.status_code == 403 and "begun elsewhere" in answer.content.decode()
    assert who(victim) is None


@pytest.mark.parametrize("twin", [False, True], ids=["checked", "unchecked"])
def test_an_answer_opens_once_even_if_the_session_forgets(
    house: Provider, hugo: User, monkeypatch: Any, twin: bool
) -> None:
    """A slow request of the same browser writes the session back as it was, and the provider takes codes twice."""
    house.codes_live_on = True
    if twin:
        monkeypatch.setattr(flow, "_first_use", lambda _state: True)
    client = Client()
    address = away(client)
    kept = dict(client.session[flow.ROUNDS])
    client.get(address)
    client.logout()
    session = client.session
    session[flow.ROUNDS] = kept
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = str(session.session_key)
    client.get(address)
    assert (who(client) == str(hugo.pk)) is twin


def test_a_code_is_good_once_and_only_with_its_verifier(house: Provider, hugo: User) -> None:
    client = Client()
    first = away(client)
    code = first.partition("code=")[2].partition("&")[0]
    client.get(first)
    thief = Client()
    second = away(thief)
    mine = second.partition("code=")[2].partition("&")[0]
    assert thief.get(second.replace(mine, code)).status_code == 403 and who(thief) is None
    third = away(thief)
    other = away(Client()).partition("code=")[2].partition("&")[0]
    mine = third.partition("code=")[2].partition("&")[0]
    assert thief.get(third.replace(mine, other)).status_code == 403 and who(thief) is None  # PKCE


def test_an_old_round_is_over(house: Provider, monkeypatch: Any) -> None:
    client = Client()
    address = away(client)
    monkeypatch.setattr(flow, "LIFE", -1)
    assert client.get(address).status_code == 403 and who(client) is None


def test_whoever_breaks_off_is_told_so(house: Provider) -> None:
    client = Client()
    state = away(client).partition("state=")[2].partition("&")[0]
    answer = client.get(f"{BACK}?error=access_denied&error_description=<b>x&state={state}")
    assert answer.status_code == 403 and "broken off" in answer.content.decode() and "<b>x" not in str(answer.content)


# --- the provider is away ---------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_said_in_a_sentence(settings: Any, hugo: User, client: Client) -> None:
    with provider() as gone:
        issuer = gone.issuer
    settings.OPENID_PROVIDERS = [
        {
            "key": "house",
            "name": "Seaside Staff",
            "issuer": issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "domains": frozenset({"example.com"}),
            "second_step": False,
        }
    ]
    wire.forget()
    answer = client.get(START)
    assert answer.status_code == 503 and "does not answer" in answer.content.decode()


@pytest.mark.parametrize("at", ["start", "back"])
def test_a_provider_that_is_slow_is_given_up(house: Provider, monkeypatch: Any, at: str) -> None:
    monkeypatch.setattr(wire, "READ", 0.5)
    client = Client()
    address = START if at == "start" else away(client)
    house.silent = 15
    began = time.monotonic()
    answer = client.get(address)
    assert answer.status_code == 503 and "does not answer" in answer.content.decode()
    assert time.monotonic() - began < 10
    assert wire.TOTAL <= 6 and wire.CONNECT + wire.READ <= wire.TOTAL
    house.silent = 0
