"""The first run: one page makes the hotel and signs the owner in; it works once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import signing
from django.test import Client

from pms.accounts.models import User
from pms.core.models import AuditEntry
from properties.models import Property, Room, RoomType
from properties.services.setup import SALT, setup_token
from tests.race import together

PASSWORD = "a tide of lanterns"


def typed(**changes: Any) -> dict[str, Any]:
    """Return a filled first-run form: two singles, three doubles."""
    lines = {
        "form-TOTAL_FORMS": 5,
        "form-INITIAL_FORMS": 2,
        "form-0-name": "Single",
        "form-0-code": "SGL",
        "form-0-numbers": "201, 202",
        "form-0-guests": 1,
        "form-1-name": "Double",
        "form-1-code": "DBL",
        "form-1-numbers": "101–103",
        "form-1-guests": 2,
    }
    facts = {
        "organization_name": "Seaside Hotels",
        "name": "Seaside Hotel",
        "code": "sea",
        "time_zone": "Europe/Berlin",
        "currency": "eur",
        "owner_name": "Olga Brandt",
        "owner_email": "olga@sea.example",
        "password": PASSWORD,
    }
    return lines | facts | changes


def link() -> str:
    return f"/setup/{setup_token()}/"


def test_the_first_run_makes_the_hotel_and_signs_its_owner_in(client: Client, db: None) -> None:
    answer = client.post(link(), typed(), follow=True)

    hotel = Property.objects.get()
    assert answer.redirect_chain[0][0] == "/h/SEA/setup/"
    assert answer.redirect_chain[-1][0].startswith("/account/second-step/?next=")  # an owner needs one
    assert (hotel.code, hotel.currency, hotel.organization.name) == ("SEA", "EUR", "Seaside Hotels")
    numbers = list(Room.objects.order_by("sort_key").values_list("number", "room_type__code", "floor"))
    assert numbers == [
        ("101", "DBL", "1"),
        ("102", "DBL", "1"),
        ("103", "DBL", "1"),
        ("201", "SGL", "2"),
        ("202", "SGL", "2"),
    ]
    owner = User.objects.get()
    TOTP.activate(owner, generate_totp_secret())
    answer = client.get(answer.redirect_chain[-1][0], follow=True)
    assert answer.redirect_chain[-1][0] == "/h/SEA/setup/hotel/"
    assert answer.context["shell"]["user"]["role_label"] == "Owner"
    assert owner.check_password(PASSWORD)
    assert {entry.actor for entry in AuditEntry.objects.filter(property_id=hotel.pk)} == {owner}


def test_the_link_works_once(client: Client, db: None) -> None:
    url = link()
    client.post(url, typed())

    again = Client().post(url, typed(code="TWO", owner_email="second@sea.example"))

    assert again.status_code == 410
    assert Client().get(url).status_code == 410
    assert User.objects.count() == Property.objects.count() == 1


@pytest.mark.parametrize("salt", ["", "something else"])
def test_a_foreign_token_opens_nothing(client: Client, db: None, salt: str) -> None:
    token = signing.dumps("first run", salt=salt) if salt else "made-up"

    assert client.post(f"/setup/{token}/", typed()).status_code == 410
    assert not User.objects.exists()


def test_an_old_link_opens_nothing(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    url = link()
    monkeypatch.setattr("properties.services.setup.VALID_FOR", -1)

    assert client.get(url).status_code == 410


def test_there_is_no_link_once_somebody_can_sign_in(hotel: Property) -> None:
    assert setup_token() is None
    assert Client().post(f"/setup/{signing.dumps('first run', salt=SALT)}/", typed()).status_code == 410


def test_ranges_that_cannot_be_read_are_named_in_their_line(client: Client, db: None) -> None:
    answer = client.post(link(), typed(**{"form-1-numbers": "101–103, one more, 120-110"}))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "“120-110”" in html
    assert "101–103, one more, 120-110" in html
    assert "Olga Brandt" in html
    assert not Property.objects.exists()


def test_what_cannot_be_read_is_named_in_short(client: Client, db: None) -> None:
    html = client.post(link(), typed(**{"form-1-numbers": "-".join(["10"] * 500)})).content.decode()

    assert "Not read: “10-10-10-10-10-10-1…”." in html


def test_a_number_in_two_lines_is_told_at_the_second(client: Client, db: None) -> None:
    answer = client.post(link(), typed(**{"form-1-numbers": "201-203"}))

    assert answer.status_code == 422
    assert "In the line of Single already: 201, 202" in answer.content.decode()


def test_a_line_without_numbers_makes_nothing(client: Client, db: None) -> None:
    client.post(link(), typed(**{"form-0-numbers": ""}))

    assert list(RoomType.objects.values_list("code", flat=True)) == ["DBL"]


def test_an_emptied_line_makes_nothing(client: Client, db: None) -> None:
    empty = {f"form-0-{name}": "" for name in ("name", "code", "numbers", "guests")}

    client.post(link(), typed(**empty))

    assert list(RoomType.objects.values_list("code", flat=True)) == ["DBL"]


def test_a_refusal_keeps_everything_typed(client: Client, db: None) -> None:
    answer = client.post(link(), typed(password="short", currency="euros"))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'name="name" value="Seaside Hotel"', html)
    assert "at least 10 characters" in html
    assert not User.objects.exists()


def test_a_currency_that_is_none_is_told_at_its_field_and_another_opens_the_hotel(client: Client, db: None) -> None:
    address = link()
    answer = client.post(address, typed(currency="eux"))

    html = answer.content.decode()
    assert answer.status_code == 422 and not User.objects.exists()
    assert answer.context["form"].errors["currency"] == [
        "There is no currency “EUX”. Write the three letters of ISO 4217, such as EUR, USD or CHF."
    ]
    assert re.search(r'name="currency" value="eux"', html) and re.search(r'name="name" value="Seaside Hotel"', html)
    assert client.post(address, typed(currency="chf")).status_code == 302


def test_a_code_with_a_space_is_told_at_its_field(client: Client, db: None) -> None:
    answer = client.post(link(), typed(code="S E"))

    assert answer.status_code == 422
    assert "code" in answer.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_hotel() -> None:
    url = link()

    answers = together(
        lambda: Client().post(url, typed()).status_code,
        lambda: Client().post(url, typed(code="TWO", owner_email="second@sea.example")).status_code,
    )

    assert sorted(answers) == [302, 410]
    assert User.objects.count() == Property.objects.count() == 1
