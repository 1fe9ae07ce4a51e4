"""What the page of one reservation shows: its head, nights, people, notes and history."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pms.core.errors import DomainError
from pms.core.money import ZERO
from pms.core.origins import origin_name
from pms.live.fragments import Audience
from properties.models import Property
from properties.selectors import hotel_by_id
from properties.taxes import CityTaxTable, TaxTable, city_tax
from reservations import rules
from reservations.models import Guest, Reservation, ReservationNight
from reservations.permissions import Permission
from reservations.pricing import ROOM, PricedNight, lodging, taxes_contained

from .desk import panels
from .history import HistoryLine, history_of
from .nights import nights_of, priced_nights
from .people import guests_named
from .rows import StayRow, active_assignments, stay_row, stays


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the page: the stay as a row, who booked (empty: not for this reader), why an act is not possible."""

    pk: uuid.UUID
    stay: StayRow
    booker: str
    booked_by_guest: bool
    plan: str
    cancel_reason: str
    against_assigning: Sequence[DomainError]
    against_cancelling: Sequence[DomainError]
    siblings: Sequence[tuple[uuid.UUID, str]]


def head_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Head]:
    """Return the heads of these reservations."""
    hotel = hotel_by_id(audience.property_id)
    found = list(stays(hotel.pk).filter(pk__in=pks).select_related("booking__booker", "rate_plan"))
    siblings = _siblings(found)
    return {one.pk: _head(hotel, one, siblings.get(one.booking_id, []), audience) for one in found}


def _head(
    hotel: Property, reservation: Reservation, rooms: Sequence[tuple[uuid.UUID, str]], audience: Audience
) -> Head:
    plan = reservation.rate_plan
    named = guests_named(audience.rights)
    return Head(
        pk=reservation.pk,
        stay=stay_row(hotel, reservation, audience.rights),
        booker=reservation.booking.booker.full_name if named else "",
        booked_by_guest=reservation.booking.booker_id == reservation.guest_id,
        plan=plan.name if plan else "",
        cancel_reason=reservation.cancel_reason,
        against_assigning=rules.against_assigning(reservation),
        against_cancelling=rules.against_cancelling(reservation),
        siblings=[room for room in rooms if room[0] != reservation.pk],
    )


def _siblings(reservations: Sequence[Reservation]) -> dict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    bookings = {one.booking_id for one in reservations}
    found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    for other in Reservation.objects.filter(booking_id__in=bookings).order_by("number"):
        found.setdefault(other.booking_id, []).append((other.pk, other.number))
    return found


# --- nights -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NightLine:
    """One night: where, and what it costs apart."""

    night: dt.date
    room: str
    kind: str
    booked_kind: str
    plan: str
    room_price: Decimal
    extras: Decimal
    city_tax: Decimal
    past: bool

    @property
    def upgraded(self) -> bool:
        """Tell whether the guest sleeps in another type than was booked."""
        return bool(self.booked_kind) and self.kind != self.booked_kind

    @property
    def total(self) -> Decimal:
        """Return what the night costs in all."""
        return self.room_price + self.extras + self.city_tax


@dataclass(frozen=True, slots=True)
class StayCard:
    """All nights with their sums, and the value added tax contained in them."""

    pk: uuid.UUID
    currency: str
    plan: str
    lines: Sequence[NightLine]
    contained: Decimal
    parts: Sequence[tuple[str, Decimal]] = field(default=())

    @property
    def room_price(self) -> Decimal:
        """Return the gross price of the room in all nights."""
        return sum((line.room_price for line in self.lines), ZERO)

    @property
    def extras(self) -> Decimal:
        """Return what the plan includes, in all nights."""
        return sum((line.extras for line in self.lines), ZERO)

    @property
    def city_tax(self) -> Decimal:
        """Return the city tax of all nights."""
        return sum((line.city_tax for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """Return what the guest pays in the end."""
        return sum((line.total for line in self.lines), ZERO)


def stay_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, StayCard]:
    """Return the nights of these reservations; a page shows one of them."""
    hotel = hotel_by_id(audience.property_id)
    table = TaxTable.of(hotel.pk)
    found = stays(hotel.pk).filter(pk__in=pks).select_related("rate_plan")
    return {one.pk: _stay_card(hotel, one, table) for one in found}


def _stay_card(hotel: Property, reservation: Reservation, table: TaxTable) -> StayCard:
    nights = [night for night in nights_of(reservation.pk) if not _given_back(reservation, night)]
    priced = priced_nights(nights)
    currency = reservation.booking.currency
    taxed = city_tax(
        CityTaxTable.of(hotel.pk),
        lodging(priced, table, currency),
        adults=reservation.adults,
        children=reservation.children,
        currency=currency,
    )
    tax_by_night = {one.night: one.amount for one in taxed}
    lines = [_line(hotel, reservation, night, price, tax_by_night) for night, price in zip(nights, priced, strict=True)]
    contained = taxes_contained(priced, table, currency)
    plan = reservation.rate_plan
    return StayCard(reservation.pk, currency, plan.name if plan else "", lines, sum(contained.values(), ZERO))


def _given_back(reservation: Reservation, night: ReservationNight) -> bool:
    """Tell whether the guest left before this night: it stays with the row by name only, and costs nothing."""
    left = reservation.checked_out_date
    return left is not None and night.night >= left and not night.counted


def _line(
    hotel: Property,
    reservation: Reservation,
    night: ReservationNight,
    price: PricedNight,
    tax: Mapping[dt.date, Decimal],
) -> NightLine:
    room = next((one.room.number for one in active_assignments(reservation) if night.night in one.nights), "")
    return NightLine(
        night=night.night,
        room=room,
        kind=night.room_type.code if night.room_type else "",
        booked_kind=night.booked_type.code if night.booked_type else "",
        plan=night.rate_plan.name if night.rate_plan else "",
        room_price=price.room_price,
        extras=sum((part.amount for part in price.parts if part.code != ROOM), ZERO),
        city_tax=tax.get(night.night, ZERO),
        past=night.night < hotel.business_date,
    )


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A guest or booker as the card shows her."""

    pk: uuid.UUID
    name: str
    email: str
    phone: str
    country: str

    @classmethod
    def of(cls, guest: Guest) -> Person:
        """Return the card's view of a profile."""
        return cls(guest.pk, guest.full_name, guest.email, guest.phone, guest.country)


@dataclass(frozen=True, slots=True)
class GuestCard:
    """Who sleeps here, who booked, and where the booking came from; no person for readers without the right."""

    pk: uuid.UUID
    hotel_code: str
    guest: Person | None
    booker: Person | None
    adults: int
    children: Sequence[int]
    source: str
    external: str
    commission: Decimal | None
    currency: str


def guest_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, GuestCard]:
    """Return the people of these reservations to those who may see guests, and what a channel gets by another right."""
    found = stays(audience.property_id).filter(pk__in=pks).select_related("booking__booker")
    rates = Permission.RATE_VIEW in audience.rights
    named = guests_named(audience.rights)
    return {one.pk: _guest_card(one, named=named, commission=one.commission if rates else None) for one in found}


def _guest_card(reservation: Reservation, *, named: bool, commission: Decimal | None) -> GuestCard:
    booking = reservation.booking
    other = named and booking.booker_id != reservation.guest_id
    system = booking.external_system if booking.external_system != booking.source else ""
    external = f"{origin_name(system)} {booking.external_id}".strip()
    return GuestCard(
        pk=reservation.pk,
        hotel_code=reservation.property.code,
        guest=Person.of(reservation.guest) if named else None,
        booker=Person.of(booking.booker) if other else None,
        adults=reservation.adults,
        children=reservation.children,
        source=origin_name(booking.source),
        external=external,
        commission=commission,
        currency=booking.currency,
    )


# --- notes and history ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notes:
    """What colleagues wrote about the stay, and the version a change of it is made from."""

    pk: uuid.UUID
    hotel_code: str
    text: str
    booking_text: str
    version: int


def notes_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Notes]:
    """Return the notes of these reservations."""
    hotel = hotel_by_id(audience.property_id)
    found = stays(hotel.pk).filter(pk__in=pks)
    return {one.pk: Notes(one.pk, hotel.code, one.notes, one.booking.notes, one.version) for one in found}


@dataclass(frozen=True, slots=True)
class Panels:
    """What upper apps show about the stay, such as its folio."""

    pk: uuid.UUID
    drawn: Sequence[dict[str, Any]]


def panel_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Panels]:
    """Return the panels of these reservations."""
    known = list(stays(audience.property_id).filter(pk__in=pks).values_list("pk", flat=True))
    return {pk: Panels(pk, drawn) for pk, drawn in panels(known, audience).items()}


@dataclass(frozen=True, slots=True)
class History:
    """What happened to the stay, newest first."""

    pk: uuid.UUID
    lines: Sequence[HistoryLine]


def history_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, History]:
    """Return the histories of these reservations."""
    found = stays(audience.property_id).filter(pk__in=pks)
    return {one.pk: History(one.pk, history_of(one, audience.rights)) for one in found}
