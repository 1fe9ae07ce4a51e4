"""Posting a night of a stay: room, what the plan includes, city tax; each by a natural key, so a repeat is a no-op."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from folios.errors import FolioHasPostings
from folios.models import Posting
from folios.selectors.books import Books
from folios.selectors.folios import folio_for_update
from folios.selectors.nights import has_nights_posted, keys_of_night
from pms.core.money import ZERO
from properties.services import business_day_shared
from properties.taxes import LodgingNight, city_tax, split_gross
from reservations.models import Reservation, ReservationNight
from reservations.pricing import ROOM
from reservations.selectors.stays import reservation_for_update
from reservations.services.front_desk import reservation_night_posted_set

from .folios import folio_open
from .postings import Line, charges_write

CITY_TAX = "city_tax"
# Between a natural key and the number of the try, once the posting of an earlier one was taken back.
AGAIN = "#"
IN_HOUSE = Reservation.Status.IN_HOUSE


def night_key(reservation: Reservation, night: dt.date, what: str) -> str:
    """Return the key that makes an automatic posting unique (domain.md 6.2)."""
    return f"stay:{reservation.pk}:{night.isoformat()}:{what}"


@transaction.atomic
def night_post(*, reservation_id: uuid.UUID, property_id: uuid.UUID, night: dt.date, books: Books | None = None) -> int:
    """Post what the stay owes for the night and return how many lines were new; 0 if all was posted before.

    The stay is judged again under its lock: a guest who left since the list was made owes no night. From then on
    nobody changes the night any more, though the date rolls later: stay and folio say the same.
    """
    day = business_day_shared(property_id=property_id)
    reservation = reservation_for_update(reservation_id)
    if reservation.status != IN_HOUSE or not reservation.arrival <= night < reservation.departure:
        return 0
    sold = ReservationNight.objects.filter(reservation=reservation, night=night).first()
    if sold is None:
        return 0
    books = books or Books(property_id)
    lines = [*_part_lines(reservation, sold, books), *_city_tax_line(reservation, sold, books)]
    missing = _missing(lines, keys_of_night(reservation.pk, night))
    if not missing:
        return 0
    folio = folio_for_update(folio_open(reservation=reservation).pk)
    charges_write(folio, day, missing, books)
    reservation_night_posted_set(reservation_id=reservation_id, night=night, posted=True)
    return len(missing)


@transaction.atomic
def stay_account_open(*, reservation_id: uuid.UUID) -> int:
    """Open the folio of a guest who has just come, and return how many lines of missed nights stand on it.

    A guest who arrives after the roll, on a stay that began before it, owes the nights her room was held, each with
    its own service date.
    """
    reservation = reservation_for_update(reservation_id)
    folio_open(reservation=reservation)
    today = reservation.property.business_date
    missed = [night for night in reservation.nights_range() if night < today]
    books = Books(reservation.property_id)
    return sum(
        night_post(reservation_id=reservation_id, property_id=reservation.property_id, night=night, books=books)
        for night in missed
    )


def nights_require_unposted(*, reservation_id: uuid.UUID, nights: Collection[dt.date]) -> None:
    """Refuse to give nights back that the audit has posted, while it closes the day. Raises `FolioHasPostings`."""
    if nights and has_nights_posted(reservation_id, nights):
        message = _("Tonight is on the folio already. Nobody was checked out; take it back there or wait for the day.")
        raise FolioHasPostings(message)


def _missing(lines: Iterable[Line], keys: Mapping[str, bool]) -> list[Line]:
    """Return the lines that do not stand on the folio; one that was taken back is owed anew, under the next key."""
    missing = []
    for line in lines:
        earlier = [stands for key, stands in keys.items() if key.partition(AGAIN)[0] == line.natural_key]
        if not any(earlier):
            again = f"{AGAIN}{len(earlier) + 1}" if earlier else ""
            missing.append(replace(line, natural_key=f"{line.natural_key}{again}"))
    return missing


def _part_lines(reservation: Reservation, sold: ReservationNight, books: Books) -> list[Line]:
    return [
        Line(
            # A part nobody made a code for is revenue of the room: the guest owes it, and the day must close.
            code=part["code"] if part["code"] in books.codes else ROOM,
            description="" if part["code"] in books.codes else part["code"],
            unit_price=Decimal(part["amount"]),
            service_date=sold.night,
            natural_key=night_key(reservation, sold.night, part["code"]),
            source=Posting.Source.AUDIT,
            tax_code=part["tax_code"],
        )
        for part in sold.parts
        if Decimal(part["amount"])
    ]


def _city_tax_line(reservation: Reservation, sold: ReservationNight, books: Books) -> list[Line]:
    currency = reservation.property.currency
    rooms = [part for part in sold.parts if part["code"] == ROOM]
    amounts = [
        (Decimal(part["amount"]), books.taxes.percent(part["tax_code"], sold.night) if part["tax_code"] else ZERO)
        for part in rooms
    ]
    gross = sum((amount for amount, _percent in amounts), ZERO)
    net = sum((split_gross(amount, percent, currency).net for amount, percent in amounts), ZERO)
    taxed = city_tax(
        books.city_taxes,
        [LodgingNight(sold.night, gross, net)],
        adults=reservation.adults,
        children=reservation.children,
        nights_before=(sold.night - reservation.arrival).days,
        currency=currency,
    )
    return [
        Line(
            code=CITY_TAX,
            unit_price=tax.amount,
            service_date=tax.night,
            natural_key=night_key(reservation, tax.night, CITY_TAX),
            source=Posting.Source.AUDIT,
        )
        for tax in taxed
        if tax.amount
    ]
