"""Signing in through the real page: by e-mail in any case, never by guessing, never by signing up alone."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.accounts.services import user_set_active
from pms.runtime.testing import server_environment
from tests.domain.accounts.given import PASSWORD, make_user

LOGIN = "/account/login/"
ROOT = Path(__file__).resolve().parents[3]
# One request of another process, from another place on the network.
SIGN_IN = """
import sys, django; django.setup()
from django.test import Client
_, email, password, address = sys.argv
answer = Client(REMOTE_ADDR=address).post("/account/login/", {"login": email, "password": password})
print("status", answer.status_code)
"""


def sign_in(client: Client, email: str, password: str) -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.django_db
def test_the_address_signs_in_in_any_case(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)

    assert sign_in(client, hugo.email.upper(), PASSWORD) == 302

    assert client.session["_auth_user_id"] == str(hugo.pk)


@pytest.mark.django_db
def test_a_wrong_password_signs_nobody_in(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)

    assert sign_in(client, hugo.email, "wrong") == 200

    assert not signed_in(client)


@pytest.mark.django_db
def test_a_disabled_user_is_neither_let_in_nor_kept_in(hugo: User, address: str) -> None:
    inside, outside = Client(REMOTE_ADDR=address), Client(REMOTE_ADDR=address)
    sign_in(inside, hugo.email, PASSWORD)

    user_set_active(user_id=hugo.pk, active=False)

    assert inside.get("/account/password/change/").status_code == 302  # to the sign-in page
    sign_in(outside, hugo.email, PASSWORD)
    assert not signed_in(outside)


@pytest.mark.django_db
def test_nobody_signs_up_alone(address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    form = {"email": "stranger@example.com", "password1": PASSWORD}

    page, posted = client.get("/account/signup/"), client.post("/account/signup/", form)

    assert (page.status_code, posted.status_code) == (200, 200)
    assert "account/signup_closed.html" in [template.name for template in page.templates]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_sixth_failure_is_refused_even_with_the_right_password(hugo: User, address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    assert [sign_in(client, hugo.email, "wrong") for _ in range(5)] == [200] * 5

    answer = client.post(LOGIN, {"login": hugo.email.upper(), "password": PASSWORD})

    assert (answer.status_code, answer["Retry-After"]) == (429, "300")
    assert "too many failed attempts" in answer.content.decode()
    assert not signed_in(client)


@pytest.mark.django_db
def test_another_person_still_signs_in_from_there(hugo: User, address: str) -> None:
    other = make_user(f"Maria{uuid.uuid4().hex[:8]}")
    client = Client(REMOTE_ADDR=address)
    for _ in range(6):
        sign_in(client, hugo.email, "wrong")

    assert sign_in(client, other.email, PASSWORD) == 302


@pytest.mark.django_db(transaction=True)
def test_failures_are_counted_across_processes(hugo: User, address: str) -> None:
    here = Client(REMOTE_ADDR=address)
    assert [sign_in(here, hugo.email, "wrong") for _ in range(5)] == [200] * 5

    there = subprocess.run(
        [sys.executable, "-c", SIGN_IN, hugo.email, PASSWORD, "192.0.2.99"],
        cwd=ROOT,
        env=server_environment("http://testserver"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert there.stdout.strip() == "status 429", there.stderr
