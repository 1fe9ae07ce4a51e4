"""What the palette finds of this app: invoices by their number."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from pms.core import slots
from pms.core.templatetags.ui import day, money
from pms.live.fragments import Audience
from properties.finding import FIND, MOST, Hit
from properties.models import Property

from .models import Invoice
from .permissions import Permission
from .selectors.invoices import invoices_of


def declare() -> None:
    """Let invoices be found; called once when the app is ready."""
    slots.register(FIND, slots.Entry(code="invoices", provider=_invoices, right=Permission.FOLIO_VIEW, order=40))


def _invoices(hotel: Property, words: Sequence[str], audience: Audience) -> Sequence[Hit]:
    # A number is one word; the figures of one are found without the letters before them.
    found = invoices_of(hotel).filter(number__icontains=words[0])[:MOST] if len(words) == 1 else []
    return [_hit(hotel, invoice) for invoice in found]


def _hit(hotel: Property, invoice: Invoice) -> Hit:
    parts = [invoice.get_kind_display(), day(invoice.business_date), money(invoice.gross, invoice.currency)]
    return Hit(
        code=f"invoice-{invoice.pk}",
        label=invoice.number,
        detail=" · ".join(parts),
        icon="receipt-text",
        url=reverse("folios:open_folio", args=[hotel.code, invoice.window.folio_id]),
    )
