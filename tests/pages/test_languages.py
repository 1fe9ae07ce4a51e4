"""Everybody reads her own language: pages, the door, mails; and figures and days as it writes them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from folios.models import TransactionCode
from folios.services.books import books_open
from pms.accounts.models import User
from pms.accounts.services import user_set_locale
from pms.core.templatetags.ui import money
from properties.models import Invitation, Property
from properties.services.hotels import hotel_change
from properties.services.invitations import invitation_accept, invitation_mail, token_of
from tests.clients import signed_in
from tests.domain.accounts.given import PASSWORD
from tests.factories.properties import make_hotel
from tests.posted import posted

NBSP = "\N{NO-BREAK SPACE}"
GERMAN, SPANISH = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9"}, {"HTTP_ACCEPT_LANGUAGE": "es"}
CHOOSE = "/account/language/"


def reading(user: User, locale: str) -> Client:
    """Return the browser of `user`, who has chosen `locale`, while the browser itself asks for French."""
    user_set_locale(user_id=user.pk, locale=locale)
    client = signed_in(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    return client


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "Rooms sold"), ("de", "Verkaufte Zimmer"), ("es", "Habitaciones vendidas")]
)
def test_the_page_of_the_day_is_in_the_reader_s_language(
    hotel_for_sale: Property, hugo: User, locale: str, words: str
) -> None:
    answer = reading(hugo, locale).get(f"/h/{hotel_for_sale.code}/")

    html = answer.content.decode()
    assert f'<html lang="{locale}" dir="ltr"' in html and words in html
    assert answer.headers["Content-Language"] == locale


def test_weekdays_of_the_room_plan_are_the_reader_s(hotel_for_sale: Property, hugo: User) -> None:
    html = reading(hugo, "de").get(reverse("reservations:room_plan", args=[hotel_for_sale.code])).content.decode()

    assert "Mo" in re.findall(r">\s*(Mo|Mon|lun)\b", html) and not re.findall(r">\s*(Mon|Tue|Wed)\b", html)


@pytest.mark.parametrize(
    ("locale", "figure", "negative"),
    [
        ("en", "€12,345.67", "−€0.50"),
        ("de", f"12.345,67{NBSP}€", f"−0,50{NBSP}€"),
        ("es", f"12.345,67{NBSP}€", f"−0,50{NBSP}€"),
    ],
)
def test_sums_are_written_as_the_reader_writes_them(locale: str, figure: str, negative: str) -> None:
    with translation.override(locale):
        assert (money(Decimal("12345.67"), "EUR"), money(Decimal("-0.5"), "EUR")) == (figure, negative)
        assert money(Decimal("1234"), "EUR").replace(NBSP, "") in {"€1,234.00", "1.234,00€"}  # grouped from 1,000 on


@pytest.mark.parametrize(("asks", "words"), [(GERMAN, "Willkommen zurück"), (SPANISH, "Le damos la bienvenida")])
def test_the_door_speaks_as_the_browser_asks(client: Client, db: None, asks: dict[str, str], words: str) -> None:
    assert words in client.get(reverse("account_login"), headers=None, **asks).content.decode()


def test_a_language_chosen_at_the_door_stays_with_the_browser(client: Client, db: None) -> None:
    door = reverse("account_login")
    answer = client.post(CHOOSE, {"language": "de", "next": door}, **SPANISH)

    assert answer.headers["Location"] == door
    assert "Willkommen zurück" in client.get(door, **SPANISH).content.decode()


@pytest.mark.parametrize("wrong", ["https://evil.example/", "//evil.example", ""])
def test_a_choice_leads_to_no_foreign_place(client: Client, db: None, wrong: str) -> None:
    assert client.post(CHOOSE, {"language": "de", "next": wrong}).headers["Location"] == CHOOSE


def test_somebody_chooses_her_language_and_is_greeted_in_it(client: Client, hotel: Property, hugo: User) -> None:
    browser = signed_in(hugo)
    assert 'value="en"' in browser.get(CHOOSE).content.decode()

    page = browser.post(CHOOSE, {"language": "es"}, follow=True).content.decode()

    assert '<html lang="es"' in page and "Este es su idioma desde ahora." in page
    hugo.refresh_from_db()
    hugo.set_password(PASSWORD)
    hugo.save()
    facts = {"login": hugo.email, "password": PASSWORD}
    answer = client.post(reverse("account_login"), facts, **GERMAN)
    assert "Qué bien tenerle aquí" in client.get(answer.headers["Location"], follow=True, **GERMAN).content.decode()


def test_a_language_nobody_speaks_here_is_refused(hotel: Property, hugo: User) -> None:
    answer = signed_in(hugo).post(CHOOSE, {"language": "tlh"})

    hugo.refresh_from_db()
    assert (answer.status_code, hugo.locale) == (422, "en")


def test_a_signed_out_person_has_no_page_of_languages(client: Client, db: None) -> None:
    assert client.get(CHOOSE).headers["Location"] == reverse("account_login")


def test_a_new_colleague_is_invited_in_the_hotel_s_language_and_reads_it(hotel: Property, anna: User) -> None:
    hotel_change(property_id=hotel.pk, values={"locale": "de"}, seen_version=hotel.version)
    facts = {"name": "Dora", "email": "dora@example.com", "roles": ["front_desk"]}
    signed_in(anna).post(reverse("properties:add_staff", args=[hotel.code]), facts)
    invitation = Invitation.objects.get()

    invitation_mail(invitation_id=invitation.pk, serial=1)
    invitation_accept(token=token_of(invitation), name="Dora", password="seven lanterns at sea")

    assert User.objects.get(email="dora@example.com").locale == "de"
    assert mail.outbox[0].subject == f"Anna Sommer lädt Sie zu {hotel.name} ein"


def test_a_mail_is_in_the_language_of_who_gets_it_not_of_who_asks(client: Client, hotel: Property, hugo: User) -> None:
    user_set_locale(user_id=hugo.pk, locale="es")

    client.post(reverse("account_reset_password"), {"email": hugo.email}, **GERMAN)

    assert posted()[0].subject == "Elija una contraseña nueva"


@pytest.mark.parametrize(("language", "words"), [("de", "Dieses Feld"), ("es", "Este campo"), ("en", "This field")])
def test_a_library_s_own_words_come_translated(client: Client, db: None, language: str, words: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    assert words in client.post(reverse("account_login"), {"login": "", "password": ""}).content.decode()


def test_a_figure_is_read_as_it_was_typed_in_any_language(hotel_for_sale: Property) -> None:
    from pms.core.numbers import DecimalField

    for locale in ("en", "de", "es"):
        with translation.override(locale):
            field = DecimalField(decimal_places=2)
            read = [field.clean(typed) for typed in ("1234.5", "1234,5", "1.234,50", "1,234.50")]
            assert read == [Decimal("1234.5")] * 4


def test_what_a_hotel_posts_first_is_called_in_its_language(db: None) -> None:
    """The names of its transaction codes stand on invoices."""
    german = make_hotel(code="ALP", name="Alpenblick", locale="de")

    books_open(hotel=german)

    names = TransactionCode.objects.filter(property=german).values_list("code", "name")
    assert set(names) >= {("room", "Zimmer"), ("city_tax", "Ortstaxe"), ("cash", "Bar")}


PAGES = (
    "reservations:today", "reservations:room_plan", "reservations:list_reservations", "reservations:create_booking",
    "reservations:list_rates", "properties:list_rooms", "properties:list_staff", "properties:change_hotel",
    "properties:list_audit", "properties:list_work", "housekeeping:my_rooms", "notifications:list_activity",
    "folios:list_folios", "folios:open_night_audit", "channel_manager:list_channels", "properties:list_roles",
)  # fmt: skip


@pytest.mark.parametrize("locale", ["de", "es"])
def test_every_section_opens_in_every_language(hotel_for_sale: Property, olga: User, locale: str) -> None:
    browser = reading(olga, locale)

    answers = {name: browser.get(reverse(name, args=[hotel_for_sale.code])) for name in PAGES}

    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 200} == {}
    wrong = [name for name, answer in answers.items() if f'<html lang="{locale}"' not in answer.content.decode()]
    assert wrong == []
