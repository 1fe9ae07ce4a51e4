"""What can be done with a folio now, and why not."""

from __future__ import annotations

from django.utils.translation import gettext as _

from folios.errors import FolioClosed, NothingToInvoice
from folios.models import Folio
from folios.selectors.invoices import is_payment, postings_to_invoice
from pms.core.errors import DomainError


def actions_of(folio: Folio) -> list[tuple[str, list[DomainError]]]:
    """Return what can be done with the folio, each with what stands against it."""
    closed: list[DomainError] = [FolioClosed(folio=folio.number)] if folio.status != Folio.Status.OPEN else []
    waiting = any(
        not is_payment(posting) for window in folio.windows.all() for posting in postings_to_invoice(window.pk)
    )
    nothing = NothingToInvoice(_("Nothing on this folio waits for an invoice. Nothing was issued."))
    acts: list[tuple[str, list[DomainError]]] = [(name, closed) for name in ("charges", "payments", "corrections")]
    return [*acts, ("invoices", closed or ([] if waiting else [nothing]))]
