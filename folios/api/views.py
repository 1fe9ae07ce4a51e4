"""Operations on folios, invoices and the books, over the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any

from folios.models import Posting
from folios.permissions import Permission
from folios.selectors.books import codes_of
from folios.selectors.folios import folio_for, folios_of, posting_shown, postings_of, with_windows
from folios.selectors.invoices import invoice_for, invoices_of
from folios.selectors.ledgers import ledger_of_day, revenue_by_code
from folios.services.invoices import invoice_document, invoice_issue
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.files import FileApi
from pms.api.operations import operation
from pms.api.paging import Page
from pms.api.shapes import action
from pms.core.errors import NotAllowed
from reservations.api.expansions import STAY
from reservations.permissions import Permission as Guests
from reservations.selectors.people import guests_named

from . import serializers as shapes
from .actions import actions_of

TAG = "folios"
POSTING_REFUSALS = ["folio_closed", "nothing_to_post", "unknown_transaction_code", "wrong_currency"]


class TransactionCodeListApi(ApiView):
    """What can be posted."""

    tag = TAG

    @operation(
        summary="List the transaction codes",
        scope="folios.read",
        right=Permission.FOLIO_VIEW,
        output=shapes.TransactionCodeOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the codes in use."""
        return call.page(codes_of(call.hotel.pk), order=("code", "id"))


class FolioListApi(ApiView):
    """The accounts of stays."""

    tag = TAG

    @operation(
        summary="List the folios",
        scope="folios.read",
        right=Permission.FOLIO_VIEW,
        query=shapes.FolioQuery,
        output=shapes.FolioOutput,
        expand={"reservation": STAY},
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the folios, by number."""
        names = {"reservation": "reservation_id", "status": "status"}
        filters = {names[name]: call.query[name] for name in names if name in call.query}
        page = call.page(folios_of(call.hotel).filter(**filters), order=("number", "id"))
        with_windows(page.rows)
        return page


class FolioApi(ApiView):
    """One account."""

    tag = TAG

    @operation(
        summary="Read a folio with its postings",
        scope="folios.read",
        right=Permission.FOLIO_VIEW,
        output=shapes.FolioDetailOutput,
        expand={"reservation": STAY},
    )
    def get(self, call: Call, folio_id: uuid.UUID) -> Any:
        """Return the folio."""
        folio: Any = folio_for(call.user, Permission.FOLIO_VIEW, call.hotel, folio_id)
        with_windows([folio])
        folio.postings_shown = list(postings_of(folio.pk))
        folio.actions = [action(name, refusals) for name, refusals in actions_of(folio)]
        return folio


class ChargesApi(ApiView):
    """Charges to one folio."""

    tag = TAG

    @operation(
        summary="Post a charge",
        scope="folios.post",
        right=Permission.FOLIO_POST,
        body=shapes.ChargeInput,
        output=shapes.PostingOutput,
        status=201,
        key="required",
        refusals=[*POSTING_REFUSALS, "tax_rate_missing"],
    )
    def post(self, call: Call, folio_id: uuid.UUID) -> Posting:
        """Charge something to a window of the folio."""
        folio = folio_for(call.user, Permission.FOLIO_POST, call.hotel, folio_id)
        data = call.data
        line = Line(
            data["transaction_code"],
            data["amount"],
            quantity=data["quantity"],
            service_date=data.get("service_date"),
            description=data["description"],
            source=Posting.Source.API,
        )
        return posting_shown(charge_post(folio_id=folio.pk, line=line, window=data["window"]).pk)


class PaymentsApi(ApiView):
    """Payments for one folio."""

    tag = TAG

    @operation(
        summary="Take a payment",
        scope="folios.post",
        right=Permission.FOLIO_POST,
        body=shapes.PaymentInput,
        output=shapes.PostingOutput,
        status=201,
        key="required",
        refusals=POSTING_REFUSALS,
    )
    def post(self, call: Call, folio_id: uuid.UUID) -> Posting:
        """Note money that was received."""
        folio = folio_for(call.user, Permission.FOLIO_POST, call.hotel, folio_id)
        taken = payment_take(folio_id=folio.pk, source=Posting.Source.API, **call.data)
        return posting_shown(taken.pk)


class CorrectionsApi(ApiView):
    """Postings of one folio that are taken back."""

    tag = TAG

    @operation(
        summary="Take a posting back",
        scope="folios.correct",
        right=Permission.FOLIO_CORRECT,
        body=shapes.CorrectionInput,
        output=shapes.PostingOutput,
        status=201,
        key="required",
        refusals=["already_reversed", "posting_invoiced", "folio_closed"],
    )
    def post(self, call: Call, folio_id: uuid.UUID) -> Posting:
        """Post the opposite, on the hotel's business date."""
        folio = folio_for(call.user, Permission.FOLIO_CORRECT, call.hotel, folio_id)
        posting, reason = call.data["posting"], call.data["reason"]
        return posting_shown(posting_reverse(folio_id=folio.pk, posting_id=posting, reason=reason).pk)


class FolioInvoicesApi(ApiView):
    """Invoices over one folio."""

    tag = "invoices"

    @operation(
        summary="Issue an invoice",
        scope="invoices.issue",
        right=Permission.INVOICE_ISSUE,
        body=shapes.InvoiceInput,
        output=shapes.InvoiceOutput,
        status=201,
        key="required",
        refusals=["nothing_to_invoice", "invoice_date_too_early", "number_series_missing", "folio_closed"],
    )
    def post(self, call: Call, folio_id: uuid.UUID) -> Reply:
        """Issue an invoice over what stands in the window and is on none yet."""
        folio = folio_for(call.user, Permission.INVOICE_ISSUE, call.hotel, folio_id)
        invoice = invoice_issue(folio_id=folio.pk, **call.data)
        path = call.request.path.partition("/folios/")[0]
        return Reply(content=invoice, location=f"{path}/invoices/{invoice.pk}")


class InvoiceListApi(ApiView):
    """Issued invoices."""

    tag = "invoices"

    @operation(
        summary="List the invoices",
        scope="invoices.read",
        right=Permission.FOLIO_VIEW,
        query=shapes.InvoiceQuery,
        output=shapes.InvoiceOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the invoices, by number."""
        names = {"folio": "window__folio_id", "number": "number", "kind": "kind"}
        filters = {names[name]: call.query[name] for name in names if name in call.query}
        days = {"from": "business_date__gte", "to": "business_date__lte"}
        filters |= {days[name]: call.query[name] for name in days if name in call.query}
        return call.page(invoices_of(call.hotel).filter(**filters), order=("number", "id"))


class InvoiceApi(ApiView):
    """One invoice."""

    tag = "invoices"

    @operation(
        summary="Read an invoice", scope="invoices.read", right=Permission.FOLIO_VIEW, output=shapes.InvoiceOutput
    )
    def get(self, call: Call, invoice_id: uuid.UUID) -> Reply:
        """Return the invoice; it never changes, so it stays at its first version."""
        return Reply(content=invoice_for(call.user, Permission.FOLIO_VIEW, call.hotel, invoice_id), version=1)


class InvoicePdfApi(FileApi):
    """The document of one invoice."""

    tag = "invoices"
    media_type = "application/pdf"

    @operation(summary="Download an invoice", scope="invoices.read", right=Permission.FOLIO_VIEW)
    def get(self, call: Call, invoice_id: uuid.UUID) -> Reply:
        """Return the PDF exactly as it was issued."""
        if not guests_named(call.rights):
            raise NotAllowed(Guests.GUEST_VIEW)
        invoice = invoice_for(call.user, Permission.FOLIO_VIEW, call.hotel, invoice_id)
        self.content = invoice_document(invoice=invoice)
        return Reply(headers={"Content-Disposition": f'attachment; filename="{invoice.number}.pdf"'})


class LedgerApi(ApiView):
    """The control totals of a day."""

    tag = "ledgers"

    @operation(
        summary="Read the control totals of a day",
        scope="ledgers.read",
        right=Permission.LEDGER_VIEW,
        query=shapes.LedgerQuery,
        output=shapes.LedgerOutput,
    )
    def get(self, call: Call) -> dict[str, Any]:
        """Return the day's movements and the guest ledger before and after it."""
        date = call.query.get("date", call.hotel.business_date)
        codes = revenue_by_code(call.hotel.pk, date)
        return {"date": date, "transaction_codes": codes, **ledger_of_day(call.hotel, date)}
