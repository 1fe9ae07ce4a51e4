"""Invoices: numbers without gaps, content frozen at issue, one page of PDF whatever guests are called."""

from __future__ import annotations

import hashlib
import io
import re
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from folios.documents import pdf_of
from folios.documents.invoice import Recipient
from folios.errors import (
    AlreadyReversed,
    InvoiceDateTooEarly,
    NothingToInvoice,
    NumberSeriesMissing,
    PostingInvoiced,
    StayInvoiced,
)
from folios.models import Invoice, InvoiceLine, NumberSeries, Posting
from folios.services.books import books_open
from folios.services.folios import folio_window_add
from folios.services.invoices import invoice_issue
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from pms.core.pictures import picture_read
from properties.models import Property
from properties.services import hotel_change
from properties.services.logo import logo_set
from reservations.services.front_desk import reservation_check_out, reservation_undo_check_out
from tests.committed import committed, rolled_back
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.pictures import picture

EVIL = r"#panic() [Smith] \ $x$ ` * _ <a> @b"


def test_an_invoice_is_numbered_frozen_and_on_one_page(sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea)
    room = charge_post(folio_id=folio.pk, line=Line("room", Decimal("120.00")))
    minibar = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50"), quantity=Decimal(2)))
    cash = payment_take(folio_id=folio.pk, method="cash", amount=Decimal("100.00"))

    with committed():
        invoice = invoice_issue(folio_id=folio.pk)

    assert (invoice.number, invoice.gross, invoice.paid) == ("SEA-00001", Decimal("139.00"), Decimal("100.00"))
    figures = invoice.content["figures"]
    assert (figures["gross"], figures["paid"], figures["due"]) == ("139.00", "100.00", "39.00")
    assert figures["taxes"] == [
        {"code": "standard", "percent": "19", "net": "15.97", "tax": "3.03", "gross": "19.00"},
        {"code": "reduced", "percent": "7", "net": "112.15", "tax": "7.85", "gross": "120.00"},
    ]
    assert invoice.content["buyer"]["name"] == stay.guest.full_name
    assert set(InvoiceLine.objects.values_list("posting_id", flat=True)) == {room.pk, minibar.pk, cash.pk}
    pdf = bytes(Invoice.objects.get().pdf)
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1
    assert hashlib.sha256(pdf).hexdigest() == invoice.pdf_sha256
    with pytest.raises(NothingToInvoice):
        invoice_issue(folio_id=folio.pk)


def test_a_check_out_is_not_undone_while_an_invoice_stands(sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("9.50"))
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})

    with rolled_back():  # the control: without an invoice the guest is here again
        assert reservation_undo_check_out(hotel=sea, reservation_id=stay.pk).status == "in_house"
    invoice = invoice_issue(folio_id=folio.pk)
    with pytest.raises(StayInvoiced, match=invoice.number):
        reservation_undo_check_out(hotel=sea, reservation_id=stay.pk)

    stay.refresh_from_db()
    assert stay.status == "checked_out"


def pages_of(pdf: bytes) -> int:
    """Return the number of pages the file says it has."""
    found = re.findall(rb"/Type\s*/Pages[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages", pdf)
    return sum(int(one or other) for one, other in found[:1])


def test_pairs_that_were_taken_back_stand_on_no_invoice(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("room", Decimal("120.00")))
    wrong = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    posting_reverse(folio_id=folio.pk, posting_id=wrong.pk, reason="Not taken")

    invoice = invoice_issue(folio_id=folio.pk)

    assert invoice.gross == Decimal("120.00")
    assert [line["transaction_code"] for line in invoice.content["figures"]["lines"]] == ["room"]


def test_a_charge_on_an_invoice_is_not_taken_back(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge = charge_post(folio_id=folio.pk, line=Line("room", Decimal("120.00")))
    cash = payment_take(folio_id=folio.pk, method="cash", amount=Decimal("120.00"))
    invoice_issue(folio_id=folio.pk)

    with pytest.raises(PostingInvoiced):
        posting_reverse(folio_id=folio.pk, posting_id=charge.pk, reason="Wrong")
    posting_reverse(folio_id=folio.pk, posting_id=cash.pk, reason="Counterfeit")
    with pytest.raises(AlreadyReversed):
        posting_reverse(folio_id=folio.pk, posting_id=cash.pk, reason="Again")

    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    second = invoice_issue(folio_id=folio.pk)
    assert (second.number, second.gross, second.paid) == ("SEA-00002", Decimal("9.50"), Decimal("-120.00"))


def test_what_guests_are_called_is_text_and_never_markup(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea, name=f"{EVIL} Müller")
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50"), description=EVIL))

    invoice = invoice_issue(folio_id=folio.pk, recipient=Recipient(EVIL, f"{EVIL}\n#1", "DE#1"))

    assert invoice.content["buyer"] == {"name": EVIL, "lines": [EVIL, "#1", "Tax number DE#1"]}
    assert bytes(invoice.pdf).startswith(b"%PDF-")


def test_the_hotel_names_itself_with_address_and_tax_number(sea: Property) -> None:
    hotel_change(property_id=sea.pk, values={"address": "Strandweg 1\n\n18055 Rostock", "tax_number": "DE 123"})
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("room", Decimal("120.00")))
    invoice = invoice_issue(folio_id=folio.pk)

    hotel_change(property_id=sea.pk, values={"address": "Elsewhere"})

    lines = Invoice.objects.get(pk=invoice.pk).content["seller"]["lines"]
    assert lines == [sea.organization.name, "Strandweg 1", "18055 Rostock", "Tax number DE 123"]
    assert pages_of(bytes(Invoice.objects.get(pk=invoice.pk).pdf)) == 1


def test_the_same_content_is_the_same_file(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    invoice = invoice_issue(folio_id=folio.pk)

    again = pdf_of("invoice", invoice.content, dated=invoice.business_date)

    assert hashlib.sha256(again).hexdigest() == invoice.pdf_sha256


def test_a_rolled_back_invoice_gives_its_number_back(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with rolled_back():
        assert invoice_issue(folio_id=folio.pk).number == "SEA-00001"

    assert invoice_issue(folio_id=folio.pk).number == "SEA-00001"


def test_an_invoice_is_not_dated_before_the_last_of_its_series(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    series = NumberSeries.objects.get(property=sea)
    series.last_date = sea.business_date.replace(day=15)
    series.save()

    with pytest.raises(InvoiceDateTooEarly):
        invoice_issue(folio_id=folio.pk)
    assert not Invoice.objects.exists()


def test_a_hotel_without_a_series_is_told_so_and_a_new_one_has_it(hotel: Property) -> None:
    books_open(hotel=hotel)
    books_open(hotel=hotel)
    assert NumberSeries.objects.filter(property=hotel).count() == 1
    NumberSeries.objects.all().delete()
    open_for_business(hotel)
    _stay, folio = make_guest_in_house(hotel=hotel)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    NumberSeries.objects.all().delete()

    with pytest.raises(NumberSeriesMissing):
        invoice_issue(folio_id=folio.pk)


def test_an_issued_invoice_is_never_changed(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    invoice = invoice_issue(folio_id=folio.pk)

    invoice.number = "SEA-99999"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        invoice.save()


def test_a_bill_is_split_and_the_city_tax_stays_with_the_guest(sea: Property) -> None:
    """Scenario 3: ACME pays room and breakfast, the guest city tax and minibar."""
    _stay, folio = make_guest_in_house(hotel=sea, nights=3)
    acme = folio_window_add(folio_id=folio.pk, name="ACME GmbH")
    for _night in range(3):
        for code, price in (("room", "150.00"), ("breakfast_food", "12.60"), ("breakfast_drinks", "5.40")):
            charge_post(folio_id=folio.pk, line=Line(code, Decimal(price)), window=acme.no)
        charge_post(folio_id=folio.pk, line=Line("city_tax", Decimal("2.50")))
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    company, guest = invoice_issue(folio_id=folio.pk, window=acme.no), invoice_issue(folio_id=folio.pk)

    assert (company.number, company.gross, guest.number, guest.gross) == (
        "SEA-00001",
        Decimal("504.00"),
        "SEA-00002",
        Decimal("17.00"),
    )
    assert [(tax["percent"], tax["net"], tax["tax"]) for tax in company.content["figures"]["taxes"]] == [
        ("19", "13.62", "2.58"),
        ("7", "455.91", "31.89"),
    ]
    assert company.content["buyer"]["name"] == "ACME GmbH"
    assert sum(posting.gross for posting in Posting.objects.all()) == Decimal("521.00")


def test_the_logo_of_the_hotel_stands_on_its_invoices(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    plain = invoice_issue(folio_id=folio.pk)
    logo_set(property_id=sea.pk, picture=picture_read(io.BytesIO(picture("PNG", size=(400, 100))), sides=(640,)))
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with_logo = invoice_issue(folio_id=folio.pk)

    drawn = [bytes(invoice.pdf).count(b"/Subtype/Image") for invoice in (plain, with_logo)]
    assert drawn[0] == 0 < drawn[1]
    assert pages_of(bytes(with_logo.pdf)) == 1
