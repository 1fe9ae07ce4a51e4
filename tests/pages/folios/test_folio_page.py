"""The folio's page: charges, payments, corrections and invoices, each told and taken back where that is safe."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from folios.fragments import FOLIO_HEAD, FOLIO_ROW, FOLIO_WINDOW
from folios.models import Folio, Invoice, Posting
from folios.selectors.sheets import window_ids_of
from folios.services.postings import Line, charge_post, posting_reverse
from pms.accounts.models import User
from pms.events.models import StreamEvent
from pms.live.pages import audience_of
from properties.models import Property
from tests.clients import signed_in
from tests.committed import committed
from tests.factories.folios import make_guest_in_house
from tests.factories.reservations import make_reservation


def address(folio: Folio, *steps: str) -> str:
    """Return the address of the folio's page or of something below it."""
    return "/".join(["/h/SEA/folios", str(folio.pk), *steps]) + "/"


def charge(**values: Any) -> dict[str, Any]:
    """Return what the form sends."""
    return {"key": str(uuid.uuid4()), "window": "1", "transaction_code": "minibar", "quantity": "1"} | values


def toast(answer: Any) -> dict[str, Any]:
    """Return the message of an answer."""
    found: dict[str, Any] = json.loads(answer["HX-Trigger"])["toast"]
    return found


def test_every_part_of_the_page_is_the_piece_that_would_be_pushed(desk: Client, sea: Property, hugo: User) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    html = desk.get(address(folio)).content.decode()

    audience = audience_of(hugo, sea.pk)
    assert FOLIO_HEAD.render(folio.pk, audience) in html
    for window in window_ids_of(folio.pk):
        assert FOLIO_WINDOW.render(window, audience) in html
    assert FOLIO_ROW.render(folio.pk, audience) in desk.get("/h/SEA/folios/").content.decode()


def test_a_charge_without_a_price_has_its_usual_one_and_can_be_undone(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    answer = desk.post(address(folio, "charge"), charge(amount="", quantity="2"), headers=htmx)

    assert answer.status_code == 200
    folio.refresh_from_db()
    assert folio.balance == Decimal("19.00")
    assert desk.post(toast(answer)["undo"], headers=htmx).status_code == 204
    folio.refresh_from_db()
    assert folio.balance == Decimal(0)
    assert desk.post(toast(answer)["undo"], headers=htmx).status_code == 409


def test_the_same_form_sent_twice_posts_once(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    form, money = charge(amount="4.00"), {"key": str(uuid.uuid4()), "window": 1, "method": "cash", "amount": "4.00"}

    for _ in range(2):
        assert desk.post(address(folio, "charge"), form, headers=htmx).status_code == 200
        assert desk.post(address(folio, "payment"), money, headers=htmx).status_code == 200

    assert Posting.objects.filter(folio=folio).count() == 2


@pytest.mark.parametrize(
    ("amount", "quantity", "balance"), [("5.50", "1", "5.50"), ("5,50", "1,5", "8.25"), ("1.234,50", "1", "1234.50")]
)
def test_a_comma_is_a_point(
    desk: Client, sea: Property, htmx: dict[str, Any], amount: str, quantity: str, balance: str
) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    assert (
        desk.post(address(folio, "charge"), charge(amount=amount, quantity=quantity), headers=htmx).status_code == 200
    )

    folio.refresh_from_db()
    assert folio.balance == Decimal(balance)


def test_the_bill_names_what_was_consumed_and_the_remark(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    desk.post(address(folio, "charge"), charge(description="two Colas"), headers=htmx)
    desk.post(address(folio, "charge"), charge(), headers=htmx)

    assert list(Posting.objects.order_by("pk").values_list("description", flat=True)) == [
        "Minibar: two Colas",
        "Minibar",
    ]


def test_the_form_offers_first_what_the_desk_sells_most(desk: Client, sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    form = desk.get(address(folio)).context["charge_form"]

    offered = [code for code, _label in form.fields["transaction_code"].choices]
    assert (offered[0], set(offered[-2:])) == ("minibar", {"city_tax", "room"})


def test_an_amount_that_may_mean_two_is_asked_back(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    answer = desk.post(address(folio, "charge"), charge(amount="1,234", description="Wine"), headers=htmx)

    html = answer.content.decode()
    assert answer.status_code == 422 and "“1,234” can mean two things." in html
    assert 'value="1,234"' in html and 'value="Wine"' in html and not Posting.objects.exists()


def test_a_charge_below_zero_is_refused_at_its_field(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    for wrong in ({"amount": "-4.00"}, {"amount": "0"}, {"quantity": "0", "amount": "4"}, {"amount": "1.005"}):
        answer = desk.post(address(folio, "charge"), charge(**wrong), headers=htmx)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not Posting.objects.exists()


def test_cash_is_taken_and_the_balance_follows_on_every_page(
    desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]
) -> None:
    stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with committed():
        answer = desk.post(
            address(folio, "payment"),
            {"key": str(uuid.uuid4()), "window": "1", "method": "cash", "amount": "9.50"},
            headers=htmx,
        )

    assert "€9.50 received" in toast(answer)["text"]
    stay.refresh_from_db()
    assert stay.balance == 0
    touched = {topic for event in StreamEvent.objects.all() for topic in event.touches}
    assert {FOLIO_HEAD.topic(folio.pk), FOLIO_WINDOW.topic(window_ids_of(folio.pk)[0])} <= touched
    assert f"reservation_head:{stay.pk}" in touched


def test_the_manager_takes_back_with_a_reason_and_the_pair_is_folded(
    office: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    way = address(folio, "postings", str(posting.pk), "back")

    assert "Minibar" in office.get(way, headers=htmx).content.decode()
    assert office.post(way, {"reason": ""}, headers=htmx).status_code == 422
    assert office.post(way, {"reason": "Not taken"}, headers=htmx).status_code == 204
    assert office.post(way, {"reason": "Again"}, headers=htmx).status_code == 409

    html = office.get(address(folio)).content.decode()
    assert "Show 2 corrections" in html
    assert "taken back: Not taken" in html


def test_an_invoice_shows_its_figures_then_gets_its_number(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    way = address(folio, "windows", "1", "invoice")

    assert "€9.50" in desk.get(way, headers=htmx).content.decode()
    answer = desk.post(way, {"name": "ACME GmbH", "address": "Ring 1\nBerlin", "tax_number": ""}, headers=htmx)

    assert "SEA-00001" in toast(answer)["text"]
    invoice = Invoice.objects.get()
    pdf = desk.get(f"/h/SEA/invoices/{invoice.pk}/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert "SEA-00001" in desk.get(address(folio)).content.decode()
    assert desk.post(way, {"name": "ACME GmbH"}, headers=htmx).status_code == 409


def test_what_guests_are_called_is_escaped(desk: Client, sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea, name="<img src=x onerror=alert(1)> Martí")

    for page in (address(folio), "/h/SEA/folios/", address(folio, "windows", "1", "invoice")):
        assert "<img src=x" not in desk.get(page).content.decode()


def test_who_may_what(sea: Property, maria: User, eve: User, hugo: User, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    back = address(folio, "postings", str(posting.pk), "back")

    for user, status in ((maria, 403), (eve, 404)):
        browser = signed_in(user)
        assert browser.get(address(folio)).status_code == status
        assert browser.get("/h/SEA/folios/").status_code == status
        assert browser.post(address(folio, "charge"), charge(amount="1"), headers=htmx).status_code == status
        assert browser.get(address(folio, "windows", "1", "invoice")).status_code == status
    assert signed_in(hugo).get(back).status_code == 403
    assert "Take back" not in signed_in(hugo).get(address(folio)).content.decode()
    assert Client().get(address(folio)).status_code == 302
    assert Posting.objects.count() == 1


def test_the_page_costs_the_same_however_many_lines(
    desk: Client, sea: Property, django_assert_max_num_queries: Any
) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    desk.get(address(folio))
    with django_assert_max_num_queries(45) as few:
        desk.get(address(folio))
    for _ in range(12):
        again = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    posting_reverse(folio_id=folio.pk, posting_id=again.pk, reason="x")

    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(address(folio))


def test_a_window_for_a_company_is_added_in_the_dialog(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    assert desk.post(address(folio, "windows"), {"name": "ACME GmbH"}, headers=htmx).status_code == 204
    desk.post(address(folio, "charge"), charge(amount="4.00", window="2"), headers=htmx)

    assert list(Posting.objects.values_list("window__no", flat=True)) == [2]
    assert "ACME GmbH" in desk.get(address(folio)).content.decode()


def test_the_page_of_a_stay_leads_to_its_folio_and_hears_of_it(desk: Client, sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea)
    to_come = make_reservation(hotel=sea)
    before = StreamEvent.objects.latest("pk").pk

    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    assert address(folio) in desk.get(f"/h/SEA/reservations/{stay.pk}/").content.decode()
    assert "/h/SEA/folios/0" not in desk.get(f"/h/SEA/reservations/{to_come.pk}/").content.decode()
    told = {piece for event in StreamEvent.objects.filter(pk__gt=before) for piece in event.touches}
    assert f"stay_panels:{stay.pk}" in told
