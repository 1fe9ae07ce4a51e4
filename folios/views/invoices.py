"""Issuing an invoice, after its figures were shown, and downloading it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from folios.documents.invoice import gross_of, paid_of, tax_table
from folios.forms import InvoiceForm
from folios.permissions import Permission
from folios.selectors.folios import folio_for, window_of
from folios.selectors.invoices import invoice_for, is_payment, postings_to_invoice
from folios.services.invoices import invoice_document, invoice_issue
from pms.core.errors import DomainError
from pms.core.http import status_of
from properties.http import add_error, at_hotel, require
from properties.models import Property
from reservations.permissions import Permission as Guests

from .answers import into_dialog, said


@at_hotel(Permission.INVOICE_ISSUE, methods={"GET", "POST"})
def issue_invoice(request: HttpRequest, hotel: Property, pk: uuid.UUID, window: int) -> HttpResponse:
    """Show what the invoice would say, and issue it to whom it is written."""
    require(request, hotel, Guests.GUEST_VIEW)  # it is written to somebody
    folio = folio_for(request.user, Permission.INVOICE_ISSUE, hotel, pk)
    where = window_of(folio, window)
    status = 200
    form = InvoiceForm(request.POST if request.method == "POST" else None, initial={"name": where.payer_name})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invoice = invoice_issue(folio_id=folio.pk, window=window, recipient=form.recipient())
                return said(HttpResponse(status=204), _("Invoice %(number)s is issued.") % {"number": invoice.number})
            except DomainError as error:
                add_error(form, error)
                status = status_of(error)
    postings = postings_to_invoice(where.pk)
    gross, paid = gross_of(postings), paid_of(postings)
    context = {
        "hotel": hotel,
        "folio": folio,
        "window": where,
        "form": form,
        "charges": [posting for posting in postings if not is_payment(posting)],
        "taxes": tax_table([posting for posting in postings if not is_payment(posting)], folio.currency),
        "gross": gross,
        "paid": paid,
        "due": gross - paid,
    }
    return into_dialog(render(request, "folios/invoice_dialog.html", context, status=status))


@at_hotel(Permission.FOLIO_VIEW)
def download_invoice(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Return the PDF exactly as it was issued."""
    require(request, hotel, Guests.GUEST_VIEW)
    invoice = invoice_for(request.user, Permission.FOLIO_VIEW, hotel, pk)
    response = HttpResponse(invoice_document(invoice=invoice), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{invoice.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
