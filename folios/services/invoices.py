"""Invoices: numbered without gaps inside the issuing transaction, frozen with their PDF (domain.md 7)."""

from __future__ import annotations

import hashlib
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from folios.documents import pdf_of
from folios.documents.invoice import Recipient, gross_of, invoice_content, paid_of
from folios.errors import InvoiceDateTooEarly, NothingToInvoice
from folios.events import InvoiceIssued
from folios.models import Invoice, InvoiceLine
from folios.selectors.folios import window_of
from folios.selectors.invoices import is_payment, postings_to_invoice, series_for_update
from pms.core.audit import record_read
from pms.events.publish import publish
from properties.services.logo import logo_of

from .books import INVOICE_SERIES
from .folios import folio_held

DIGITS = 5


@transaction.atomic
def invoice_issue(*, folio_id: uuid.UUID, window: int = 1, recipient: Recipient | None = None) -> Invoice:
    """Issue an invoice over what stands in the window and is on none yet; payments taken there are deducted.

    The number is the next of the series, whose row stays locked to the commit: a rollback gives it back. Raises
    `NothingToInvoice`, `InvoiceDateTooEarly`, `NumberSeriesMissing`, `FolioClosed`.
    """
    folio, day = folio_held(folio_id)
    where = window_of(folio, window)
    postings = postings_to_invoice(where.pk)
    if not any(not is_payment(posting) for posting in postings):
        raise NothingToInvoice(_("Nothing in this window waits for an invoice. Nothing was issued."))
    series = series_for_update(folio.property_id, INVOICE_SERIES)
    if series.last_date and day < series.last_date:
        message = _("The last invoice is dated %(last)s, the hotel's day is %(day)s. Nothing was issued.")
        raise InvoiceDateTooEarly(message % {"last": series.last_date.isoformat(), "day": day.isoformat()})
    number = f"{series.prefix}{series.next_number:0{DIGITS}d}"
    content = invoice_content(folio, where, postings, number=number, dated=day, recipient=recipient)
    pdf = pdf_of("invoice", content, dated=day, logo=logo_of(folio.property))
    invoice = Invoice(
        property_id=folio.property_id,
        window=where,
        number=number,
        business_date=day,
        currency=folio.currency,
        gross=gross_of(postings),
        paid=paid_of(postings),
        content=content,
        pdf=pdf,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
    )
    invoice.save()
    InvoiceLine.objects.bulk_create(InvoiceLine(invoice=invoice, posting=posting) for posting in postings)
    series.next_number, series.last_date = series.next_number + 1, day
    series.save()
    publish(
        InvoiceIssued(
            property_id=folio.property_id,
            business_date=day,
            invoice_id=invoice.pk,
            folio_id=folio.pk,
            window_id=where.pk,
            number=number,
        )
    )
    return invoice


@transaction.atomic
def invoice_document(*, invoice: Invoice) -> bytes:
    """Return the PDF exactly as it was issued, and leave an entry of who read it."""
    record_read(act="invoice.downloaded", property_id=invoice.property_id, target=invoice)
    return bytes(invoice.pdf)
