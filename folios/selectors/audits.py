"""Reads for the night audit: who sleeps here tonight, what stands against closing the day, and the runs themselves.

Siblings and later modules add their own conditions through the slot "night_audit_check": a provider is called with
`(hotel)` and returns `Check`s as dicts: `code`, `title`, `detail`, `count`, `blocks`, `url` (see `Check`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folios.models import NightAudit, Posting
from pms.accounts.access import fetch
from pms.core import slots
from pms.core.errors import NotThere
from pms.core.templatetags.ui import day
from properties.models import Property
from reservations.models import Reservation, RoomAssignment
from reservations.selectors.people import guests_named, name_of

SLOT = "night_audit_check"
Status = Reservation.Status
# The day rolls once in so many hours; a second time sooner is worth a look.
ROLL_DISTANCE = timedelta(hours=20)


def stays_over(property_id: uuid.UUID, night: dt.date) -> QuerySet[Reservation]:
    """Return the stays in house that sleep here in the night of `night`, in key order."""
    stays: QuerySet[Reservation] = Reservation.objects.filter(
        property_id=property_id, status=Status.IN_HOUSE, arrival__lte=night, departure__gt=night
    )
    return stays.order_by("pk")


def stay_ids_over(property_id: uuid.UUID, night: dt.date) -> list[uuid.UUID]:
    """Return the keys of these stays."""
    return list(stays_over(property_id, night).values_list("pk", flat=True))


def stay_ids_unposted(property_id: uuid.UUID, night: dt.date) -> list[uuid.UUID]:
    """Return those for whom nothing of the night stands; what a night owes is posted whole or not at all."""
    posted = Posting.objects.filter(
        folio__reservation_id=OuterRef("pk"),
        service_date=night,
        source=Posting.Source.AUDIT,
        natural_key__isnull=False,
        reversed_by__isnull=True,
    )
    return list(stays_over(property_id, night).filter(~Exists(posted)).values_list("pk", flat=True))


def blockers_of(hotel: Property) -> list[dict[str, Any]]:
    """Return what stands against closing the day: guests who should have left are still here."""
    found = [
        {
            "code": "due_out_in_house",
            "detail": _("%(number)s was to leave.") % {"number": stay.number},
            "reservation": str(stay.pk),
        }
        for stay in _due_out(hotel)
    ]
    return found + [
        {"code": check.code, "detail": check.detail} for check in _from_slots(hotel) if check.count and check.blocks
    ]


def warnings_of(hotel: Property) -> list[dict[str, Any]]:
    """Return what should be looked at before closing the day, but does not stand against it."""
    return [
        {"code": check.code, "detail": check.detail, "count": check.count}
        for check in checks_of(hotel)
        if check.count and not check.blocks
    ]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the checklist: clear when `count` is 0; `url` is where it is resolved."""

    code: str
    title: str
    detail: str
    count: int = 0
    blocks: bool = False
    url: str = ""


def checks_of(hotel: Property, rights: Collection[str] = ()) -> Sequence[Check]:
    """Return the whole checklist, clear or not, for a reader with `rights`: guests are named or numbered."""
    named = guests_named(rights)
    return [
        _departures(hotel, named=named),
        _arrivals(hotel, named=named),
        _roomless(hotel),
        _left_open(hotel),
        _rolled(hotel),
        *_other_currency(hotel),
        *_from_slots(hotel),
    ]


def _departures(hotel: Property, *, named: bool) -> Check:
    guests = [name_of(stay, named=named) for stay in _due_out(hotel).select_related("guest")]
    detail = _("Nobody overdue") if not guests else _("Still in house: %(guests)s") % {"guests": _few(guests)}
    return Check("due_out_in_house", _("Departures"), detail, len(guests), blocks=True, url=_today(hotel))


def _arrivals(hotel: Property, *, named: bool) -> Check:
    due = Reservation.objects.filter(
        property_id=hotel.pk, status=Status.CONFIRMED, arrival__lte=hotel.business_date
    ).order_by("number")
    guests = [name_of(stay, named=named) for stay in due.select_related("guest")]
    detail = _("All arrived") if not guests else _("Not arrived: %(guests)s") % {"guests": _few(guests)}
    return Check("due_in_not_arrived", _("Arrivals"), detail, len(guests), url=_today(hotel))


def _roomless(hotel: Property) -> Check:
    assigned = RoomAssignment.objects.filter(reservation_id=OuterRef("pk"), active=True)
    stays = Reservation.objects.filter(
        ~Exists(assigned),
        property_id=hotel.pk,
        status=Status.CONFIRMED,
        arrival__lte=hotel.business_date,
        departure__gt=hotel.business_date,
    )
    count = stays.count()
    detail = ngettext("%(count)s stay tonight", "%(count)s stays tonight", count) % {"count": count}
    detail = detail if count else _("None tonight")
    return Check("stays_without_room", _("Stays without a room"), detail, count, url=_today(hotel))


def _left_open(hotel: Property) -> Check:
    gone = Q(status__in=[Status.CHECKED_OUT, Status.CANCELLED, Status.NO_SHOW])
    count = Reservation.objects.filter(gone, property_id=hotel.pk).exclude(balance=0).count()
    detail = ngettext("%(count)s guest left with an open balance", "%(count)s guests left with open balances", count)
    detail = detail % {"count": count} if count else _("Everybody who left has paid")
    url = f"{reverse('folios:list_folios', args=[hotel.code])}?show=left"
    return Check("left_with_balance", _("Open balances"), detail, count, url=url)


def _rolled(hotel: Property) -> Check:
    since = timezone.now() - ROLL_DISTANCE
    runs = NightAudit.objects.filter(property_id=hotel.pk, status=NightAudit.Status.SUCCEEDED, finished_at__gt=since)
    last = runs.order_by("-finished_at").first()
    detail = _("Not in the last 20 hours")
    if last is not None:
        detail = _("The day %(day)s was closed less than 20 hours ago") % {"day": day(last.business_date)}
    return Check("rolled_recently", _("Last close"), detail, int(last is not None))


def _other_currency(hotel: Property) -> list[Check]:
    """Return a warning for guests whose stay a channel sold in other money: nights are posted as they were stored."""
    stays = stays_over(hotel.pk, hotel.business_date).exclude(booking__currency=hotel.currency)
    numbers = [stay.number for stay in stays]
    if not numbers:
        return []
    facts = {"stays": _few(numbers), "currency": hotel.currency}
    detail = _("Posted figure for figure in %(currency)s, correct it by hand: %(stays)s") % facts
    return [Check("other_currency", _("Sold in another currency"), detail, len(numbers), url=_today(hotel))]


def _from_slots(hotel: Property) -> list[Check]:
    return [Check(**facts) for entry in slots.entries(SLOT) for facts in entry.provider(hotel)]


def _due_out(hotel: Property) -> QuerySet[Reservation]:
    stays: QuerySet[Reservation] = Reservation.objects.filter(
        property_id=hotel.pk, status=Status.IN_HOUSE, departure__lte=hotel.business_date
    )
    return stays.order_by("number")


def _few(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return (
        shown
        if len(names) <= most
        else _("%(shown)s and %(more)s more")
        % {
            "shown": shown,
            "more": len(names) - most,
        }
    )


def _today(hotel: Property) -> str:
    return reverse("reservations:today", args=[hotel.code])


# --- the runs ---------------------------------------------------------------------------------------------------------


def audits_of(hotel: Property) -> QuerySet[NightAudit]:
    """Return the hotel's night audits, the latest first."""
    audits: QuerySet[NightAudit] = NightAudit.objects.filter(property_id=hotel.pk)
    return audits.order_by("-business_date", "-created_at")


def audit_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> NightAudit:
    """Return the run if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: NightAudit = fetch(audits_of(hotel), user, right, pk=pk)
    return found


def audit_for_update(pk: uuid.UUID) -> NightAudit:
    """Lock the run and return it as it is now."""
    audit: NightAudit | None = NightAudit.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if audit is None:
        raise NotThere(_("That night audit"))
    return audit


def last_audit(property_id: uuid.UUID) -> NightAudit | None:
    """Return the latest run of the hotel that was not blocked."""
    runs = NightAudit.objects.filter(property_id=property_id).exclude(status=NightAudit.Status.BLOCKED)
    found: NightAudit | None = runs.order_by("-business_date", "-created_at").first()
    return found
