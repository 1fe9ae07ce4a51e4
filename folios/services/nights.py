"""Posting a night of a stay: room, what the plan includes, city tax; each by a natural key, so a repeat is a no-op."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from folios.models import Posting
from pms.core.money import ZERO
from properties.models import Property
from properties.taxes import CityTaxTable, LodgingNight, TaxTable, city_tax, split_gross
from reservations.models import Reservation, ReservationNight
from reservations.pricing import ROOM

from .folios import folio_open
from .postings import Line, charge_post

CITY_TAX = "city_tax"


def night_key(reservation: Reservation, night: dt.date, what: str) -> str:
    """Return the key that makes an automatic posting unique (domain.md 6.2)."""
    return f"stay:{reservation.pk}:{night.isoformat()}:{what}"


@transaction.atomic
def night_post(*, hotel: Property, reservation: Reservation, night: dt.date) -> int:
    """Post what the stay owes for the night and return how many lines were new; 0 if all was posted before."""
    sold = ReservationNight.objects.filter(reservation=reservation, night=night).first()
    if sold is None:
        return 0
    lines = [
        Line(
            code=part["code"],
            unit_price=Decimal(part["amount"]),
            service_date=night,
            natural_key=night_key(reservation, night, part["code"]),
            source=Posting.Source.AUDIT,
        )
        for part in sold.parts
        if Decimal(part["amount"])
    ]
    lines += _city_tax_line(hotel, reservation, sold)
    keys = [line.natural_key for line in lines if line.natural_key]
    known = set(
        Posting.objects.filter(property_id=hotel.pk, natural_key__in=keys).values_list("natural_key", flat=True)
    )
    missing = [line for line in lines if line.natural_key not in known]
    if not missing:
        return 0
    folio = folio_open(reservation_id=reservation.pk)
    for line in missing:
        charge_post(folio_id=folio.pk, line=line)
    return len(missing)


def _city_tax_line(hotel: Property, reservation: Reservation, sold: ReservationNight) -> list[Line]:
    gross = sum((Decimal(part["amount"]) for part in sold.parts if part["code"] == ROOM), ZERO)
    table = TaxTable.of(hotel.pk)
    net = sum(
        (
            split_gross(Decimal(part["amount"]), table.percent(part["tax_code"], sold.night), hotel.currency).net
            for part in sold.parts
            if part["code"] == ROOM
        ),
        ZERO,
    )
    taxed = city_tax(
        CityTaxTable.of(hotel.pk),
        [LodgingNight(sold.night, gross, net)],
        adults=reservation.adults,
        children=reservation.children,
        nights_before=(sold.night - reservation.arrival).days,
        currency=hotel.currency,
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
