"""Reads of folios and postings; the locked reads of the services are here too."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from folios.models import Folio, FolioWindow, Leg, Posting
from pms.accounts.access import fetch
from pms.core.errors import NotThere
from pms.core.money import ZERO
from properties.models import Property


def folios_of(hotel: Property) -> QuerySet[Folio]:
    """Return the hotel's folios with the stay they belong to."""
    return Folio.objects.filter(property_id=hotel.pk).select_related(
        "property", "reservation", "reservation__guest", "reservation__booking"
    )


def folio_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> Folio:
    """Return the folio if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: Folio = fetch(folios_of(hotel), user, right, pk=pk)
    return found


def folio_of_stay(reservation_id: uuid.UUID) -> Folio | None:
    """Return the open folio of a stay, or the last one it had."""
    found: Folio | None = Folio.objects.filter(reservation_id=reservation_id).order_by("-status", "-created_at").first()
    return found


def folio_for_update(pk: uuid.UUID) -> Folio:
    """Lock the folio and return it as it is now. Its reservation is locked before it (lock order)."""
    found: Folio | None = (
        Folio.objects.select_for_update(no_key=True, of=("self",)).select_related("property").filter(pk=pk).first()
    )
    if found is None:
        raise NotThere(_("That folio"))
    return found


def postings_of(folio_id: uuid.UUID) -> QuerySet[Posting]:
    """Return the postings of a folio in the order they were made."""
    return (
        Posting.objects.filter(folio_id=folio_id)
        .select_related("transaction_code", "window", "reversed_by", "invoice_line")
        .order_by("id")
    )


def posting_for(folio: Folio, pk: int) -> Posting:
    """Return a posting of a folio that was fetched for somebody. Raises `NotThere`."""
    found = Posting.objects.filter(folio=folio, pk=pk).select_related("transaction_code", "window").first()
    if found is None:
        raise NotThere(_("That posting"))
    return found


def payer_of(window: FolioWindow, *, named: bool) -> str:
    """Return who pays the window; nobody if that is a guest and the reader may not see guests."""
    return window.payer_name if named else window.name


def window_of(folio: Folio, no: int) -> FolioWindow:
    """Return window `no` of the folio. Raises `NotThere`."""
    windows = FolioWindow.objects.filter(folio=folio, no=no).select_related("payer")
    found: FolioWindow | None = windows.first()
    if found is None:
        raise NotThere(_("That folio window"))
    return found


def postings_keyed(property_id: uuid.UUID, keys: Iterable[str | None]) -> dict[str | None, Posting]:
    """Return the postings that were made under these natural keys."""
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    found = Posting.objects.filter(property_id=property_id, natural_key__in=wanted)
    return {posting.natural_key: posting for posting in found}


def balance_of(folio_id: uuid.UUID) -> Decimal:
    """Return what the guest owes by the books: the guest ledger of the folio's postings."""
    sums = Leg.objects.filter(posting__folio_id=folio_id, account=Leg.Account.GUEST_LEDGER).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    return (sums["debit"] or ZERO) - (sums["credit"] or ZERO)


def balance_of_stay(reservation_id: uuid.UUID) -> Decimal:
    """Return what is open on all folios of the stay together."""
    total = Folio.objects.filter(reservation_id=reservation_id).aggregate(sum=Sum("balance"))["sum"]
    return total or ZERO


def window_balances(folio_id: uuid.UUID) -> dict[int, Decimal]:
    """Return what is open in each window, by its number."""
    rows = Posting.objects.filter(folio_id=folio_id).values_list("window__no").annotate(sum=Sum("gross"))
    return dict(rows)


def with_windows(folios: Iterable[Any]) -> None:
    """Give each folio its windows with their balances, as `windows_shown`: two queries however many they are."""
    found = {folio.pk: folio for folio in folios}
    for folio in found.values():
        folio.windows_shown = []
    windows: Any = FolioWindow.objects.filter(folio_id__in=list(found)).select_related("payer").order_by("no")
    sums = Posting.objects.filter(folio_id__in=list(found)).values_list("window_id").annotate(sum=Sum("gross"))
    balances = dict(sums)
    for window in windows:
        window.balance = balances.get(window.pk, ZERO)
        found[window.folio_id].windows_shown.append(window)


def posting_shown(pk: int) -> Posting:
    """Return a posting that was just made, with what the API tells of it."""
    related = ("transaction_code", "window", "reversed_by", "invoice_line")
    return Posting.objects.select_related(*related).get(pk=pk)
