"""Reads of invoices, and of what is not on one yet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from folios.errors import NumberSeriesMissing
from folios.models import FolioWindow, Invoice, NumberSeries, Posting, TransactionCode
from pms.accounts.access import fetch
from properties.models import Property


def invoices_of(hotel: Property) -> QuerySet[Invoice]:
    """Return the hotel's invoices, the latest first, without their PDFs."""
    invoices: QuerySet[Invoice] = Invoice.objects.filter(property_id=hotel.pk)
    return invoices.select_related("window", "property").defer("pdf").order_by("-created_at", "-pk")


def invoice_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> Invoice:
    """Return the invoice if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: Invoice = fetch(invoices_of(hotel), user, right, pk=pk)
    return found


def series_for_update(property_id: uuid.UUID, kind: str) -> NumberSeries:
    """Lock the number series and return it. Raises `NumberSeriesMissing`."""
    rows = NumberSeries.objects.select_for_update(no_key=True, of=("self",))
    found: NumberSeries | None = rows.filter(property_id=property_id, kind=kind).first()
    if found is None:
        raise NumberSeriesMissing(kind=kind)
    return found


def postings_to_invoice(window_id: uuid.UUID) -> Sequence[Posting]:
    """Return what of the window stands and is on no invoice yet: pairs that were taken back whole are left out."""
    rows = Posting.objects.filter(window_id=window_id, invoice_line=None, reversed_by=None)
    rows = rows.exclude(reverses__isnull=False, reverses__invoice_line=None)
    return list(rows.select_related("transaction_code").order_by("service_date", "id"))


def is_payment(posting: Posting) -> bool:
    """Tell whether the posting is money received, or such money given back."""
    return posting.transaction_code.kind == TransactionCode.Kind.PAYMENT


def keys_of_folio(folio: Any) -> list[uuid.UUID]:
    """Return the keys of the folio's windows and invoices, for its history."""
    windows = list(FolioWindow.objects.filter(folio_id=folio.pk).values_list("pk", flat=True))
    return [*windows, *Invoice.objects.filter(window_id__in=windows).values_list("pk", flat=True)]
