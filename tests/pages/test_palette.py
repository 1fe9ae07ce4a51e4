"""The palette: guests, numbers, rooms and invoices found while somebody types, each only for those who may see it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from folios.services.invoices import invoice_issue
from folios.services.postings import Line, charge_post
from pms.accounts.models import User
from pms.accounts.services import role_set_rights
from properties.models import Property, Room
from reservations.drafts import ExternalRef
from reservations.models import Guest
from reservations.services.stays import reservation_assign_room, reservation_cancel
from tests.clients import signed_in
from tests.factories.folios import make_guest_in_house
from tests.factories.properties import make_member
from tests.factories.reservations import make_booking, make_reservation

FIND = "/h/SEA/find/"


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    return hotel_for_sale


@pytest.fixture
def desk(sea: Property, hugo: User) -> Client:
    return signed_in(hugo)


def found(client: Client, text: str) -> str:
    """Return the options for `text`."""
    response = client.get(FIND, {"q": text})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("text", ["marti", "MARTÍ jor", "jordi", "BC-77", "bc-77"])
def test_a_stay_is_found_by_its_guest_without_accents_and_by_the_channels_number(
    desk: Client, sea: Property, text: str
) -> None:
    make_booking(hotel=sea, name="Jordi Martí", external_ref=ExternalRef("booking.com", "BC-77"))
    make_booking(hotel=sea, name="Ida Falk")

    html = found(desk, text)

    assert "Jordi Martí" in html
    assert "Ida Falk" not in html


def test_a_stay_is_found_by_its_number_and_leads_to_its_page(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    html = found(desk, stay.number.lower())

    assert f'href="/h/SEA/reservations/{stay.pk}/"' in html
    assert desk.get(f"/h/SEA/reservations/{stay.pk}/").status_code == 200


def test_the_number_of_a_room_finds_who_is_in_it_and_the_room(desk: Client, sea: Property) -> None:
    make_guest_in_house(hotel=sea, room="102", name="Nora Inside")
    planned = make_reservation(hotel=sea, name="Paul Planned", arrival=sea.business_date + dt.timedelta(days=3))
    reservation_assign_room(
        hotel=sea, reservation_id=planned.pk, room_id=Room.objects.get(property=sea, number="102").pk
    )

    html = found(desk, "102")

    assert html.index("Nora Inside") < html.index("Room 102")
    assert "Paul Planned" not in html
    assert "Room 101" not in html


def test_who_is_here_comes_first_then_who_comes_soonest_then_who_is_gone(desk: Client, sea: Property) -> None:
    day = sea.business_date
    make_reservation(hotel=sea, name="Later Berg", arrival=day + dt.timedelta(days=9))
    gone = make_reservation(hotel=sea, name="Gone Berg")
    reservation_cancel(hotel=sea, reservation_id=gone.pk, reason="ill")
    make_guest_in_house(hotel=sea, name="Here Berg")
    make_reservation(hotel=sea, name="Soon Berg", arrival=day + dt.timedelta(days=2))

    html = found(desk, "berg")

    places = [html.index(f"{first} Berg") for first in ("Here", "Soon", "Later", "Gone")]
    assert places == sorted(places)


def test_an_invoice_is_found_by_its_number_and_leads_to_its_folio(hotel_with_books: Property, hugo: User) -> None:
    _stay, folio = make_guest_in_house(hotel=hotel_with_books)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal(10)))
    invoice = invoice_issue(folio_id=folio.pk)

    html = found(signed_in(hugo), invoice.number[-4:])

    assert invoice.number in html
    assert f"/h/SEA/folios/{folio.pk}/" in html


def test_managers_find_staff_and_the_desk_does_not(desk: Client, sea: Property, anna: User) -> None:
    make_member(hotel=sea, name="Zoë Åberg", role="housekeeper")

    assert "Zoë Åberg" in found(signed_in(anna), "zoe ab")
    assert found(desk, "zoe ab").strip() == ""


def test_housekeeping_finds_rooms_and_no_stay(sea: Property, maria: User) -> None:
    make_guest_in_house(hotel=sea, room="102", name="Nora Inside")

    html = found(signed_in(maria), "102")

    assert "Room 102" in html
    assert "Nora" not in html
    assert found(signed_in(maria), "nora").strip() == ""


def test_who_may_not_see_guests_finds_stays_by_number_only(sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea, name="Nora Inside")
    role_set_rights(property_id=sea.pk, role="front_desk", rights=["hotel_view", "reservation_view"])

    assert found(signed_in(hugo), "nora").strip() == ""
    by_number = found(signed_in(hugo), stay.number)
    assert stay.number in by_number
    assert "Nora" not in by_number


def test_nothing_of_another_hotel_is_found(desk: Client, sea: Property, eve: User) -> None:
    stay = make_reservation(hotel=sea, name="Nora Inside")

    other = signed_in(eve)

    assert other.get(FIND, {"q": "nora"}).status_code == 404
    for text in ("nora", stay.number, "102", "hugo"):
        html = other.get("/h/LAK/find/", {"q": text}).content.decode()
        assert "Nora" not in html
        assert "/h/SEA/" not in html


@pytest.mark.parametrize("text", ["", " ", "n", "\x00nora", "n" * 101, "%", "_ _"])
def test_what_means_nothing_finds_nothing(desk: Client, sea: Property, text: str) -> None:
    make_reservation(hotel=sea, name="Nora Inside")

    assert found(desk, text).strip() == ""


def test_a_name_cannot_inject_anything(desk: Client, sea: Property) -> None:
    make_reservation(hotel=sea, name="Bobby <img/src=x>")

    html = found(desk, "bobby")

    assert "<img" not in html
    assert "&lt;img" in html


def test_many_hits_ask_no_more_of_the_database(desk: Client, sea: Property, django_assert_max_num_queries: Any) -> None:
    for days in range(2, 6):
        make_reservation(hotel=sea, name="Same Name", arrival=sea.business_date + dt.timedelta(days=days))
    found(desk, "same")
    with django_assert_max_num_queries(12):
        found(desk, "same")


def test_a_renamed_guest_is_found_by_the_new_name(desk: Client, sea: Property) -> None:
    make_reservation(hotel=sea, name="Jordi Martí")
    guest = Guest.objects.get(last_name="Martí")
    guest.last_name = "Ångström"
    guest.save()

    assert "Jordi Ångström" in found(desk, "angstrom")
    assert found(desk, "marti").strip() == ""
