"""The door: nothing learnt by trying, nothing kept from before, nobody led elsewhere, limits that hold."""

from __future__ import annotations

import statistics
import time
import uuid

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from pms.accounts.models import User
from pms.core.middleware import RequestContextMiddleware
from pms.settings import base
from tests.domain.accounts.given import PASSWORD, make_user
from tests.domain.accounts.test_sign_in import LOGIN, sign_in, signed_in

pytestmark = pytest.mark.django_db


def said(client: Client, email: str, password: str) -> tuple[int, str]:
    answer = client.post(LOGIN, {"login": email, "password": password})
    return answer.status_code, " ".join(answer.context["form"].non_field_errors())


def test_a_session_from_before_is_not_the_session_of_who_signed_in(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    planted = client.session
    planted["from"] = "an attacker"
    planted.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key or ""

    sign_in(client, hugo.email, PASSWORD)

    assert signed_in(client) and client.session.session_key != planted.session_key
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key or ""
    assert not signed_in(thief)


def test_each_sign_in_has_a_key_of_its_own_and_signing_out_ends_it(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    sign_in(client, hugo.email, PASSWORD)
    first = client.session.session_key
    csrf = client.get("/account/sessions/").context["csrf_token"]
    client.post("/account/logout/")
    sign_in(client, hugo.email, PASSWORD)

    assert client.session.session_key != first
    assert not client.session.exists(first)
    assert csrf != client.get("/account/sessions/").context["csrf_token"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"]
)
def test_nobody_is_led_elsewhere(hugo: User, address: str, target: str) -> None:
    client = Client(REMOTE_ADDR=address)

    answer = client.post(LOGIN, {"login": hugo.email, "password": PASSWORD, "next": target})

    assert answer["Location"] == "/"


def test_an_own_page_is_led_to(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)

    answer = client.post(LOGIN, {"login": hugo.email, "password": PASSWORD, "next": "/account/sessions/"})

    assert answer["Location"] == "/account/sessions/"


def test_an_unknown_address_and_a_wrong_password_sound_alike(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)

    wrong, unknown = said(client, hugo.email, "wrong"), said(client, "nobody@example.com", "wrong")

    assert wrong == unknown and wrong[1]


@override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS, ACCOUNT_RATE_LIMITS={"login_failed": None})
def test_and_take_equally_long() -> None:
    """Each costs one Argon2 hash; without it an unknown address would answer in a tenth of the time."""
    user = make_user(f"Slow{uuid.uuid4().hex[:8]}")
    client = Client()
    took: dict[str, list[float]] = {user.email: [], "nobody@example.com": []}
    for _ in range(5):
        for email, times in took.items():
            began = time.process_time()
            said(client, email, "wrong")
            times.append(time.process_time() - began)

    known, unknown = (statistics.median(times) for times in took.values())

    assert 0.5 < known / unknown < 2, (known, unknown)


def test_passwords_are_hashed_with_argon2() -> None:
    with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
        stored = hashers.make_password(PASSWORD)

    assert stored.startswith("argon2$argon2id$")


@pytest.mark.parametrize("password", ["1234567890", "password123", "short", "hugo@example.com", "qwertyuiop"])
def test_passwords_that_everybody_takes_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(email="hugo@example.com", name="Hugo Lindt"))


def test_a_new_password_signs_all_other_devices_out(hugo: User, address: str) -> None:
    here, there = Client(REMOTE_ADDR=address), Client(REMOTE_ADDR=address)
    for client in (here, there):
        sign_in(client, hugo.email, PASSWORD)

    new = {"oldpassword": PASSWORD, "password1": "a tide of lanterns", "password2": "a tide of lanterns"}
    assert here.post("/account/password/change/", new).status_code == 302

    assert here.get("/account/sessions/").status_code == 200
    assert there.get("/account/sessions/").status_code == 302


def test_the_administration_has_no_door_of_its_own(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/account/login/?next=%2Fadmin%2F"

    tries = [client.post("/admin/login/", {"username": hugo.email, "password": PASSWORD}) for _ in range(6)]

    assert {(answer.status_code, answer["Location"].partition("?")[0]) for answer in tries} == {(302, LOGIN)}
    assert not signed_in(client)


def test_ten_failures_from_one_place_are_the_last_whoever_is_tried(address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    emails = [f"{uuid.uuid4().hex}@example.com" for _ in range(11)]

    answers = [sign_in(client, email, "wrong") for email in emails]

    assert answers == [200] * 10 + [429]
    assert sign_in(Client(REMOTE_ADDR="192.0.2.44"), emails[0], "wrong") == 200


def test_a_forged_address_changes_nothing(hugo: User, address: str) -> None:
    """Each try says that it comes from somewhere else; it is believed of nobody but the proxy in front."""
    client = Client(REMOTE_ADDR=address)
    answers = [
        client.post(
            LOGIN,
            {"login": f"{uuid.uuid4().hex}@example.com", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
        ).status_code
        for number in range(11)
    ]

    assert answers == [200] * 10 + [429]


@override_settings(BEHIND_PROXY=True)
def test_behind_the_proxy_only_its_own_word_counts(address: str) -> None:
    seen: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    middleware = RequestContextMiddleware(answer)
    for forged in ("198.51.100.1", "198.51.100.2, 203.0.113.9"):
        request = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers={"X-Forwarded-For": f"{forged}, {address}"})
        middleware(request)

    assert seen == [address, address]
