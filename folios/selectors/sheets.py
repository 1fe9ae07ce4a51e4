"""What the folio pages show: the head of a folio, its windows with their postings, and the list of folios."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, OuterRef, Prefetch, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Collate, Concat

from folios.models import Folio, FolioWindow, Invoice, Posting, TransactionCode
from pms.core.money import ZERO
from pms.live.fragments import Audience, at_place, newest_first
from properties.models import Property, Room
from properties.selectors import hotel_by_id
from reservations.models import Reservation, RoomAssignment
from reservations.selectors.people import guests_named, name_of

from .folios import payer_of

Kind = TransactionCode.Kind
Status = Reservation.Status
# What `_state` says of a guest who sleeps here.
IN_HOUSE = (Status.IN_HOUSE, "due_out")


@dataclass(frozen=True, slots=True)
class FolioHead:
    """Whose folio it is, and what is open."""

    pk: uuid.UUID
    hotel_code: str
    number: str
    status: str
    currency: str
    balance: Decimal
    guest: str
    stay: uuid.UUID | None
    stay_number: str
    stay_status: str
    room: str
    room_order: str
    arrival: dt.date | None
    departure: dt.date | None
    nights: int

    @property
    def by_room(self) -> str:
        """Return where the folio stands among those of guests in house: by room. No two stand in one place."""
        return f"{self.room_order}\t{self.pk}"

    @property
    def by_age(self) -> str:
        """Return where the folio stands where the newest is first."""
        return newest_first(self.pk)


def folio_heads(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, FolioHead]:
    """Return the heads of these folios of the audience's hotel."""
    hotel = hotel_by_id(audience.property_id)
    named = guests_named(audience.rights)
    return {folio.pk: _head(hotel, folio, named=named) for folio in _folios(hotel.pk).filter(pk__in=pks)}


def _folios(property_id: uuid.UUID) -> QuerySet[Folio]:
    rooms = RoomAssignment.objects.filter(active=True).select_related("room").order_by("nights")
    folios: QuerySet[Folio] = Folio.objects.filter(property_id=property_id)
    return folios.select_related("reservation__guest").prefetch_related(
        Prefetch("reservation__assignments", queryset=rooms, to_attr="rooms_shown")
    )


def _head(hotel: Property, folio: Folio, *, named: bool) -> FolioHead:
    stay = folio.reservation
    room = _room(hotel, stay) if stay else None
    return FolioHead(
        pk=folio.pk,
        hotel_code=hotel.code,
        number=folio.number,
        status=folio.status,
        currency=folio.currency,
        balance=folio.balance,
        guest=name_of(stay, named=named) if stay else "",
        stay=stay.pk if stay else None,
        stay_number=stay.number if stay else "",
        stay_status=_state(hotel, stay) if stay else "",
        room=room.number if room else "",
        room_order=room.sort_key if room else NO_ROOM,
        arrival=stay.arrival if stay else None,
        departure=stay.departure if stay else None,
        nights=stay.night_count if stay else 0,
    )


def _state(hotel: Property, stay: Reservation) -> str:
    due_out = stay.status == Status.IN_HOUSE and stay.departure <= hotel.business_date
    return "due_out" if due_out else stay.status


def _room(hotel: Property, stay: Reservation) -> Room | None:
    rooms: list[RoomAssignment] = stay.rooms_shown  # type: ignore[attr-defined]  # set by the prefetch
    tonight = [one for one in rooms if hotel.business_date in one.nights] or rooms[-1:]
    return tonight[0].room if tonight else None


# --- windows ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line of a window; a pair that was taken back is two lines behind the fold."""

    pk: int
    date: dt.date
    text: str
    sub: str
    amount: Decimal
    payment: bool
    taken_back: bool
    correction: bool
    reason: str
    reversible: bool


@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """An invoice of a window."""

    pk: uuid.UUID
    number: str
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """One window: who pays, what stands on it, what is open, which tax it contains."""

    pk: uuid.UUID
    folio: uuid.UUID
    hotel_code: str
    no: int
    payer: str
    currency: str
    open: bool
    lines: Sequence[PostingLine]
    corrections: Sequence[PostingLine]
    charges: Decimal
    paid: Decimal
    taxes: Sequence[tuple[Decimal, Decimal, Decimal]]
    invoices: Sequence[InvoiceLink]
    to_invoice: bool

    @property
    def place(self) -> str:
        """Return where the window stands on its folio."""
        return f"{self.no:06}"

    @property
    def balance(self) -> Decimal:
        """Return what is open in this window."""
        return self.charges - self.paid


def sheets(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Sheet]:
    """Return these windows of the audience's hotel with all their postings."""
    windows = FolioWindow.objects.filter(pk__in=pks, folio__property_id=audience.property_id)
    found = list(windows.select_related("folio__property", "payer").order_by("no"))
    postings = _postings([window.pk for window in found])
    invoices = _invoices([window.pk for window in found])
    named = guests_named(audience.rights)
    return {
        window.pk: _sheet(window, postings[window.pk], invoices[window.pk], payer=payer_of(window, named=named))
        for window in found
    }


def window_ids_of(folio_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the keys of the folio's windows, by number."""
    return list(FolioWindow.objects.filter(folio_id=folio_id).order_by("no").values_list("pk", flat=True))


def _postings(windows: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Posting]]:
    found: dict[uuid.UUID, list[Posting]] = defaultdict(list)
    rows = Posting.objects.filter(window_id__in=windows)
    for posting in rows.select_related("transaction_code", "reversed_by", "invoice_line").order_by(
        "service_date", "id"
    ):
        found[posting.window_id].append(posting)
    return found


def _invoices(windows: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[InvoiceLink]]:
    found: dict[uuid.UUID, list[InvoiceLink]] = defaultdict(list)
    for invoice in Invoice.objects.filter(window_id__in=windows).defer("pdf", "content").order_by("created_at", "pk"):
        found[invoice.window_id].append(InvoiceLink(invoice.pk, invoice.number, invoice.gross))
    return found


def _sheet(window: FolioWindow, postings: Sequence[Posting], invoices: Sequence[InvoiceLink], *, payer: str) -> Sheet:
    folio = window.folio
    is_open = folio.status == Folio.Status.OPEN
    lines = [_line(posting, is_open=is_open) for posting in postings]
    charges = [posting for posting in postings if posting.transaction_code.kind != Kind.PAYMENT]
    paid = sum((posting.gross for posting in postings if posting.transaction_code.kind == Kind.PAYMENT), ZERO)
    return Sheet(
        pk=window.pk,
        folio=folio.pk,
        hotel_code=folio.property.code,
        no=window.no,
        payer=payer,
        currency=folio.currency,
        open=is_open,
        lines=[line for line in lines if not (line.taken_back or line.correction)],
        corrections=[line for line in lines if line.taken_back or line.correction],
        charges=sum((posting.gross for posting in charges), ZERO),
        paid=-paid,
        taxes=_taxes(charges),
        invoices=invoices,
        to_invoice=any(not _settled(posting) for posting in charges),
    )


def _settled(posting: Posting) -> bool:
    """Tell whether a posting is on an invoice, or was taken back or takes back."""
    return hasattr(posting, "invoice_line") or hasattr(posting, "reversed_by") or posting.reverses_id is not None


def _line(posting: Posting, *, is_open: bool) -> PostingLine:
    payment = posting.transaction_code.kind == Kind.PAYMENT
    taken_back = hasattr(posting, "reversed_by")
    correction = posting.reverses_id is not None
    invoiced = hasattr(posting, "invoice_line")
    return PostingLine(
        pk=posting.pk,
        date=posting.service_date,
        text=posting.description,
        sub=_sub(posting),
        amount=posting.gross,
        payment=payment,
        taken_back=taken_back,
        correction=correction,
        reason=posting.reason or (posting.reversed_by.reason if taken_back else ""),
        reversible=is_open and not taken_back and not correction and (payment or not invoiced),
    )


def _sub(posting: Posting) -> str:
    quantity = f"{posting.quantity.normalize():f} × {posting.unit_price:.2f}" if posting.quantity != 1 else ""
    percent = f"{posting.tax_percent.normalize():f} %" if posting.tax_code else ""
    return " · ".join(part for part in (quantity, percent, posting.reference) if part)


def _taxes(charges: Iterable[Posting]) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Return percentage, net and tax of what the window contains."""
    sums: dict[Decimal, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for posting in charges:
        if posting.tax_code:
            sums[posting.tax_percent][0] += posting.net
            sums[posting.tax_percent][1] += posting.tax
    return [(percent, net, tax) for percent, (net, tax) in sorted(sums.items()) if net or tax]


# --- lists and panels -------------------------------------------------------------------------------------------------

SHOWN = ("in_house", "left", "all")
PAGE = 50
# After all rooms: guests who have none.
NO_ROOM = "~"


@dataclass(frozen=True, slots=True)
class FolioList:
    """One page of a view of the list: it begins after the place `start` and ends at `end` (empty: nothing follows)."""

    rows: Sequence[FolioHead]
    start: str
    end: str


def folios_shown(audience: Audience, show: str, *, after: str = "") -> FolioList:
    """Return a page of one view of the list, below the row at the place `after`: two queries however many there are.

    In house by room; those who left with a balance, and all, the newest first.
    """
    hotel = hotel_by_id(audience.property_id)
    by_room = show == SHOWN[0]
    found = _below(_ids_in_order(hotel, show, by_room=by_room), after, by_room=by_room)
    keys = list(found.values_list("pk", flat=True)[: PAGE + 1])
    heads = folio_heads(keys[:PAGE], audience)
    rows = [heads[pk] for pk in keys[:PAGE] if pk in heads]
    last = (rows[-1].by_room if by_room else rows[-1].by_age) if len(keys) > PAGE and rows else ""
    return FolioList(rows, after, last)


def _ids_in_order(hotel: Property, show: str, *, by_room: bool) -> QuerySet[Folio]:
    if not by_room:
        return _shown(hotel.pk, show).order_by("-pk")
    tonight = Case(When(nights__contains=hotel.business_date, then=0), default=1)
    rooms = RoomAssignment.objects.filter(active=True, reservation=OuterRef("reservation")).order_by(tonight, "-nights")
    room = Coalesce(Subquery(rooms.values("room__sort_key")[:1]), Value(NO_ROOM))
    # The same text as `FolioHead.by_room`, compared as the page compares it.
    place = Collate(Concat(room, Value("\t"), Cast("pk", TextField()), output_field=TextField()), "C")
    return _shown(hotel.pk, show).annotate(place=place).order_by("place")


def _below(folios: QuerySet[Any], after: str, *, by_room: bool) -> QuerySet[Any]:
    if not after:
        return folios
    if by_room:
        return folios.filter(place__gt=after)  # annotated
    with suppress(ValueError):
        return folios.filter(pk__lt=at_place(after))
    return folios.none()


def folio_ids_listed(property_id: uuid.UUID, show: str, pks: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these folios stand in one view of the list (one query)."""
    return set(_shown(property_id, show).filter(pk__in=pks).values_list("pk", flat=True))


def window_ids_listed(folio_id: uuid.UUID, pks: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these windows are of the folio."""
    return set(FolioWindow.objects.filter(folio_id=folio_id, pk__in=pks).values_list("pk", flat=True))


def _shown(property_id: uuid.UUID, show: str) -> QuerySet[Folio]:
    folios: QuerySet[Folio] = Folio.objects.filter(property_id=property_id)
    if show == "in_house":
        return folios.filter(reservation__status=Status.IN_HOUSE, status=Folio.Status.OPEN)
    if show == "left":
        return folios.exclude(balance=0).exclude(reservation__status=Status.IN_HOUSE)
    return folios


def folio_ids_in_room(room_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the keys of the folios of all stays that have, or had, the room."""
    stays = RoomAssignment.objects.filter(room_id=room_id, active=True).values("reservation_id")
    return list(Folio.objects.filter(reservation_id__in=stays).values_list("pk", flat=True))


def folio_ids_of_stay(reservation_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the keys of the stay's folios."""
    return list(Folio.objects.filter(reservation_id=reservation_id).values_list("pk", flat=True))


def panels_of_stays(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, list[FolioHead]]:
    """Return the folios of these stays (a provider of the slot "reservation_panel")."""
    folios = Folio.objects.filter(property_id=audience.property_id, reservation_id__in=pks)
    heads = folio_heads(list(folios.values_list("pk", flat=True)), audience)
    found: dict[uuid.UUID, list[FolioHead]] = defaultdict(list)
    for head in sorted(heads.values(), key=lambda head: head.number):
        if head.stay:
            found[head.stay].append(head)
    return dict(found)
