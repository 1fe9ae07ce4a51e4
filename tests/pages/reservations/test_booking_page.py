"""A new booking: prices for the asked stay, the guest's fields, the confirmation and what can stand against it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property
from reservations.drafts import GuestDraft
from reservations.forms import StayForm
from reservations.models import Booking, Guest, Reservation
from reservations.services.guests import guest_note
from tests.clients import signed_in
from tests.factories.reservations import make_booking

NEW = "/h/SEA/bookings/new/"
ASKED = {"arrival": "2026-03-16", "departure": "2026-03-18", "adults": "2", "children": ""}
GUEST = {"first_name": "Ida", "last_name": "Falk", "email": "ida@falk.example", "phone": "", "country": "de"}


def confirm(client: Client, htmx: dict[str, Any] | None, **changes: str) -> Any:
    """Confirm a double with breakfast for two people and two nights."""
    asked = {**ASKED, **GUEST, "offer": "DBL:BB", "quoted": "322.00", "notes": "Late"} | changes
    return client.post(NEW, asked, headers=htmx)


@pytest.mark.parametrize(("typed", "ages"), [("5, 9", (5, 9)), ("5 9;0", (5, 9, 0)), ("", ()), (" 17, ", (17,))])
def test_ages_of_children_are_read_as_they_are_written(sea: Property, typed: str, ages: tuple[int, ...]) -> None:
    form = StayForm(ASKED | {"children": typed}, hotel=sea)

    assert form.is_valid() and form.cleaned_data["children"] == ages


@pytest.mark.parametrize("typed", ["abc, -3, 200", "5, x", "18", "-1", "5.5", "²"])
def test_what_is_no_age_is_refused_and_not_passed_over(sea: Property, typed: str) -> None:
    form = StayForm(ASKED | {"children": typed}, hotel=sea)

    assert not form.is_valid() and list(form.errors) == ["children"]


def test_the_page_opens_for_tonight(desk: Client) -> None:
    html = desk.get(NEW).content.decode()

    assert 'value="2026-03-14"' in html
    assert "DBL:BAR" in html


def test_the_grid_shows_full_prices_and_reasons(desk: Client, htmx: dict[str, Any]) -> None:
    html = desk.get(NEW, {**ASKED, "offer": ""}, headers={**htmx, "HX-Trigger": "ask"}).content.decode()

    assert "€250.00" in html  # 2 × 120.00 + city tax 2 × 2 × 2.50
    assert "€322.00" in html  # with breakfast for two, 72.00
    assert "Too small for 2 people" in html
    assert "<main" not in html
    assert 'id="ask"' not in html  # the fields being typed into stay as they are


def test_the_sum_of_the_chosen_offer_says_every_part(desk: Client) -> None:
    html = desk.get(NEW, {**ASKED, "offer": "DBL:BB"}).content.decode()

    assert "€312.00" in html  # the stay
    assert "€10.00" in html  # city tax
    assert "Confirm €322.00" in html


def test_a_stay_of_the_past_is_told_at_the_field(desk: Client) -> None:
    html = desk.get(NEW, {**ASKED, "arrival": "2026-03-10"}).content.decode()

    assert "The hotel&#x27;s day is" in html
    assert "Dates and people first" in html


def test_marks_come_and_go_with_what_is_wrong(desk: Client, htmx: dict[str, Any]) -> None:
    asked = {**htmx, "HX-Trigger": "ask"}

    wrong = desk.get(NEW, {**ASKED, "departure": "2026-03-15"}, headers=asked)
    right = desk.get(NEW, {**ASKED, "marked": "1", "offer": "DBL:BAR"}, headers=asked)

    assert "The departure must be after the arrival." in wrong.content.decode()
    assert 'id="ask"' in right.content.decode()
    assert "marked" not in right["HX-Push-Url"]
    assert "offer=DBL%3ABAR" in right["HX-Push-Url"]


def test_a_confirmed_booking_leads_to_its_page(desk: Client, htmx: dict[str, Any]) -> None:
    answer = confirm(desk, htmx)

    stay = Reservation.objects.get()
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/h/SEA/reservations/{stay.pk}/")
    assert str(stay.total) == "312.000"
    assert (stay.notes, stay.guest.full_name, stay.guest.country) == ("Late", "Ida Falk", "DE")
    assert "Ida Falk is booked" in desk.get(answer["HX-Redirect"]).content.decode()


def test_without_a_name_nothing_is_booked_and_everything_typed_stays(desk: Client, htmx: dict[str, Any]) -> None:
    answer = confirm(desk, htmx, last_name="")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "A guest needs a name." in html
    assert 'value="ida@falk.example"' in html
    assert "Late" in html
    assert not Booking.objects.exists()


def test_a_country_in_words_is_asked_back_and_never_cut_to_another(desk: Client, htmx: dict[str, Any]) -> None:
    answer = confirm(desk, htmx, country="Schweiz")

    assert answer.status_code == 422
    assert "Choose the country from the list." in answer.content.decode()
    assert not Booking.objects.exists()
    assert confirm(desk, htmx, country="ch").status_code == 204


@pytest.mark.parametrize("by_htmx", [True, False])
def test_when_the_last_room_is_gone_the_alternatives_refill_the_form(
    desk: Client, sea: Property, htmx: dict[str, Any], *, by_htmx: bool
) -> None:
    make_booking(hotel=sea, rooms=2, arrival=sea.business_date.replace(day=17))

    answer = confirm(desk, htmx if by_htmx else None)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing you typed is lost." in html
    assert "Suite · Mon 16 Mar – Wed 18 Mar · €522.00" in html
    assert "arrival=2026-03-16&amp;departure=2026-03-18&amp;offer=SUI%3ABB&amp;adults=2&amp;children=" in html
    assert "Full on Tue 17 Mar" in html
    assert Booking.objects.count() == 1
    # By htmx only the offers are replaced: what was typed is not even touched.
    assert ('id="guest-form"' in html) is not by_htmx
    assert by_htmx or 'value="ida@falk.example"' in html


def test_an_alternative_fills_the_search_too(desk: Client, htmx: dict[str, Any]) -> None:
    html = desk.get(NEW, {**ASKED, "offer": "SUI:BB"}, headers=htmx).content.decode()

    assert 'id="ask"' in html
    assert "Confirm €522.00" in html
    assert 'hx-swap-oob="true"' in html


def test_another_price_than_was_shown_is_asked_again(desk: Client, htmx: dict[str, Any]) -> None:
    answer = confirm(desk, htmx, quoted="300.00")

    assert answer.status_code == 409
    assert "The price changed from €300.00 to €322.00" in answer.content.decode()
    assert not Booking.objects.exists()


def test_known_guests_are_found_while_typing_and_doubles_are_marked(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    for email in ("marta@one.example", "marta@two.example"):
        guest_note(hotel=sea, draft=GuestDraft(last_name="Gómez", first_name="Marta", email=email))

    html = desk.get(NEW + "guest/", {"find": "name", "last_name": "góm"}, headers=htmx).content.decode()

    assert html.count("May be the same") == 2


def test_a_known_guest_is_booked_without_a_second_profile(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    marta = guest_note(hotel=sea, draft=GuestDraft(last_name="Gómez", first_name="Marta"))
    html = desk.get(NEW + "guest/", {"guest_id": str(marta.pk), "notes": "Quiet"}, headers=htmx).content.decode()
    assert "known guest" in html
    assert "Quiet" in html

    confirm(desk, htmx, guest_id=str(marta.pk), last_name="", first_name="")

    assert Guest.objects.count() == 1
    assert Reservation.objects.get().guest == marta


def test_a_guest_of_another_organization_is_never_found(
    desk: Client, other_hotel: Property, htmx: dict[str, Any]
) -> None:
    theirs = guest_note(hotel=other_hotel, draft=GuestDraft(last_name="Gómez"))

    found = desk.get(NEW + "guest/", {"find": "name", "last_name": "góm"}, headers=htmx)
    chosen = desk.get(NEW + "guest/", {"guest_id": str(theirs.pk)}, headers=htmx)

    assert "Gómez" not in found.content.decode()
    assert "Gómez" not in chosen.content.decode()


def test_the_grid_costs_the_same_for_many_nights(desk: Client, django_assert_max_num_queries: Any) -> None:
    desk.get(NEW, ASKED)
    with django_assert_max_num_queries(24) as few:
        desk.get(NEW, ASKED)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(NEW, {**ASKED, "departure": "2026-04-16"})


def test_an_accountant_may_not_book(sea: Property) -> None:
    from tests.factories.properties import make_member

    clara: User = make_member(hotel=sea, name="Clara Voss", role="accountant").user

    assert signed_in(clara).get(NEW).status_code == 403
    assert "bookings/new" not in signed_in(clara).get("/h/SEA/").content.decode()


def test_a_page_sent_again_because_its_answer_got_lost_books_once(desk: Client, htmx: dict[str, Any]) -> None:
    opened = re.search(r'name="key" value="([0-9a-f-]{36})"', desk.get(NEW).content.decode())
    assert opened

    first = confirm(desk, htmx, key=opened.group(1))
    again = confirm(desk, htmx, key=opened.group(1), quoted="1.00")

    assert first.status_code == again.status_code == 204
    assert first["HX-Redirect"] == again["HX-Redirect"]
    assert Booking.objects.count() == Guest.objects.count() == 1
    confirm(desk, htmx, key="0198c0de-0000-7000-8000-000000000001")
    assert Booking.objects.count() == 2  # another page is another booking


def test_a_refused_page_keeps_its_key_and_books_with_it(desk: Client, htmx: dict[str, Any]) -> None:
    key = "0198c0de-0000-7000-8000-000000000002"

    refused = confirm(desk, htmx, key=key, last_name="")

    assert refused.status_code == 422 and f'name="key" value="{key}"' in refused.content.decode()
    assert confirm(desk, htmx, key=key).status_code == 204
    assert Booking.objects.count() == 1
