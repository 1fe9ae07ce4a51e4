"""Opening folios, and what folios say when a guest leaves."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from folios.errors import FolioClosed, FolioHasPostings, FolioNotSettled, StayInvoiced
from folios.events import FolioOpened
from folios.models import Folio, FolioWindow, Invoice, Posting
from folios.selectors.folios import balance_of, folio_for_update, folio_of_stay
from pms.core.errors import NotThere
from pms.core.money import quantize
from pms.events.publish import publish
from properties.services import business_day_shared
from reservations.models import Reservation
from reservations.selectors.stays import reservation_for_update


def folio_open(*, reservation: Reservation) -> Folio:
    """Return the open folio of a stay that is locked, opened now if it has none; window 1 belongs to the guest."""
    known = folio_of_stay(reservation.pk)
    if known is not None and known.status == Folio.Status.OPEN:
        return known
    earlier = Folio.objects.filter(reservation_id=reservation.pk).count()
    folio = Folio(
        property_id=reservation.property_id,
        reservation=reservation,
        number=reservation.number if not earlier else f"{reservation.number}-F{earlier + 1}",
        currency=reservation.property.currency,
    )
    folio.save()
    FolioWindow(folio=folio, no=1, payer_id=reservation.guest_id).save()
    publish(
        FolioOpened(
            property_id=folio.property_id,
            business_date=reservation.property.business_date,
            version=folio.version,
            folio_id=folio.pk,
            reservation_id=reservation.pk,
        )
    )
    return folio


def folio_held(folio_id: uuid.UUID) -> tuple[Folio, dt.date]:
    """Take the locks of a posting in the house's order and return the open folio and the accounting day."""
    seen = Folio.objects.filter(pk=folio_id).values("property_id", "reservation_id").first()
    if seen is None:
        raise NotThere(_("That folio"))
    day = business_day_shared(property_id=seen["property_id"])
    if seen["reservation_id"]:
        reservation_for_update(seen["reservation_id"])
    folio = folio_for_update(folio_id)
    if folio.status != Folio.Status.OPEN:
        raise FolioClosed(folio=folio.number)
    return folio, day


@transaction.atomic
def folio_window_add(*, folio_id: uuid.UUID, name: str) -> FolioWindow:
    """Add a window to the folio for somebody who pays a part of it ("ACME GmbH"). Raises `FolioClosed`."""
    folio, _today = folio_held(folio_id)
    last = FolioWindow.objects.filter(folio=folio).order_by("-no").first()
    window = FolioWindow(folio=folio, no=last.no + 1 if last else 1, name=name.strip())
    window.save()
    return window


def folio_require_settled(*, reservation_id: uuid.UUID) -> None:
    """Refuse a departure while a folio of the stay is open with a balance. Raises `FolioNotSettled`."""
    for folio in Folio.objects.filter(reservation_id=reservation_id, status=Folio.Status.OPEN).order_by("pk"):
        locked = folio_for_update(folio.pk)
        balance = balance_of(locked.pk)
        if balance:
            raise FolioNotSettled(balance=quantize(balance, locked.currency), currency=locked.currency)


def folio_require_empty(*, reservation_id: uuid.UUID) -> None:
    """Refuse to undo a check-in once something was posted that still counts. Raises `FolioHasPostings`."""
    standing = Posting.objects.filter(
        folio__reservation_id=reservation_id, reverses__isnull=True, reversed_by__isnull=True
    )
    if standing.exists():
        raise FolioHasPostings(_("Something was posted on the stay's folio. Nothing was undone; take it back first."))


def folio_require_uninvoiced(*, reservation_id: uuid.UUID) -> None:
    """Refuse to undo a check-out while an invoice of the stay stands. Raises `StayInvoiced`."""
    folios = Folio.objects.filter(reservation_id=reservation_id).order_by("pk").values_list("pk", flat=True)
    held = [folio_for_update(pk).pk for pk in folios]
    issued = Invoice.objects.filter(window__folio_id__in=held, kind=Invoice.Kind.INVOICE).first()
    if issued is not None:
        words = _("Invoice %(number)s stands. Nothing was undone: book the guest again, or walk in.")
        raise StayInvoiced(words % {"number": issued.number}, invoice=issued.number)
