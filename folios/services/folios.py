"""Opening folios, and what folios say when a guest leaves."""

from __future__ import annotations

import uuid

from django.db import transaction

from folios.errors import FolioHasPostings, FolioNotSettled
from folios.events import FolioOpened
from folios.models import Folio, FolioWindow, Posting
from folios.selectors.folios import balance_of, folio_for_update, folio_of_stay
from pms.core.money import quantize
from pms.events.publish import publish
from reservations.selectors.stays import reservation_for_update


@transaction.atomic
def folio_open(*, reservation_id: uuid.UUID) -> Folio:
    """Return the open folio of the stay, opened now if it has none; window 1 belongs to the guest."""
    reservation = reservation_for_update(reservation_id)
    known = folio_of_stay(reservation_id)
    if known is not None and known.status == Folio.Status.OPEN:
        return known
    earlier = Folio.objects.filter(reservation_id=reservation_id).count()
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
            reservation_id=reservation_id,
        )
    )
    return folio


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
        raise FolioHasPostings("Something was posted on the stay's folio. Nothing was undone; take it back first.")
