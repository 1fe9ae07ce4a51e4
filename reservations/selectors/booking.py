"""The grid of a new booking: every type on every plan with its full price, or with the reason why not."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.errors import DomainError
from pms.core.folding import folded
from pms.core.money import ZERO
from pms.core.templatetags.ui import short_day
from properties.models import Property, RoomType
from reservations.models import Guest, RatePlan, RoomTypeNight

from .offers import Offer, Party, PriceList, offers, rate_plans_sold, room_types_sold

MOST_GUESTS = 6
# From how many rooms on the rest is worth a word.
FEW = 3


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One reason, short enough for a cell of the grid."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One type on one plan."""

    key: str
    offer: Offer
    reasons: Sequence[WhyNot]
    chosen: bool

    @property
    def nights(self) -> int:
        """Return how many nights are priced."""
        return len(self.offer.quote.nights) if self.offer.quote else 0

    @property
    def first_price(self) -> Decimal:
        """Return the price of the cheapest night, without city tax."""
        return min((night.price for night in self.offer.quote.nights), default=ZERO) if self.offer.quote else ZERO

    @property
    def contained(self) -> Decimal:
        """Return the value added tax contained in the price."""
        return sum(self.offer.quote.contained.values(), ZERO) if self.offer.quote else ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One room type with its cells; `left` is told when it is little."""

    kind: RoomType
    left: int
    few: bool
    full_on: dt.date | None
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Grid:
    """What can be offered, and the cell that was chosen, as long as it can be sold."""

    plans: Sequence[RatePlan]
    lines: Sequence[Line]
    chosen: Cell | None

    @property
    def sellable(self) -> bool:
        """Tell whether anything can be sold."""
        return any(not cell.reasons for line in self.lines for cell in line.cells)


def offer_grid(*, hotel: Property, arrival: dt.date, departure: dt.date, party: Party, chosen: str) -> Grid:
    """Return the grid for the stay; `chosen` is the key "<type>:<plan>" of the cell in the address."""
    found = offers(hotel=hotel, arrival=arrival, departure=departure, party=party)
    full = _full_nights(hotel, arrival, departure)
    by_kind: dict[uuid.UUID, list[Cell]] = {}
    for offer in found:
        by_kind.setdefault(offer.room_type.pk, []).append(_cell(offer, full, party, chosen))
    lines = [_line(cells, full) for cells in by_kind.values()]
    picked = next((cell for cells in by_kind.values() for cell in cells if cell.chosen), None)
    plans = [cell.offer.rate_plan for cell in lines[0].cells] if lines else []
    return Grid(plans, lines, picked)


def offer_key(offer: Offer) -> str:
    """Return how the address names an offer."""
    return f"{offer.room_type.code}:{offer.rate_plan.code}"


def _line(cells: Sequence[Cell], full: dict[uuid.UUID | None, dt.date]) -> Line:
    offer = cells[0].offer
    full_on = full.get(offer.room_type.pk) or full.get(None)
    return Line(offer.room_type, offer.available, 0 < offer.available <= FEW, full_on, cells)


def _cell(offer: Offer, full: dict[uuid.UUID | None, dt.date], party: Party, chosen: str) -> Cell:
    full_on = full.get(offer.room_type.pk) or full.get(None)
    reasons = [_why(reason, offer, full_on, party) for reason in offer.why_not]
    key = offer_key(offer)
    return Cell(key, offer, reasons, chosen=key == chosen and not reasons)


def _why(reason: DomainError, offer: Offer, full_on: dt.date | None, party: Party) -> WhyNot:
    kind = offer.room_type
    if reason.code == "capacity_exceeded":
        people = party.adults + len(party.children)
        title = ngettext("Too small for %d person", "Too small for %d people", people) % people
        sleeps = _("Sleeps %(adults)d")
        if kind.max_children:
            sleeps = ngettext(
                "Sleeps %(adults)d, and %(children)d child",
                "Sleeps %(adults)d, and %(children)d children",
                kind.max_children,
            )
        return WhyNot("users", title, sleeps % {"adults": kind.max_adults, "children": kind.max_children})
    if reason.code == "not_available":
        return WhyNot("calendar-x", _("Sold out"), _("Full on %s") % short_day(full_on) if full_on else "")
    if reason.code == "night_not_open":
        return WhyNot("calendar-clock", _("Not open for sale yet"), _("Choose earlier dates"))
    if reason.code == "price_missing":
        night = short_day(dt.date.fromisoformat(reason.facts["night"]))
        return WhyNot("tag", _("No price on %s") % night, _("Choose another plan"))
    return WhyNot("ban", str(reason), "")


def _full_nights(hotel: Property, arrival: dt.date, departure: dt.date) -> dict[uuid.UUID | None, dt.date]:
    """Return the first sold out night of each type that has one; None is the house."""
    nights = RoomTypeNight.objects.filter(property_id=hotel.pk, night__gte=arrival, night__lt=departure)
    full: dict[uuid.UUID | None, dt.date] = {}
    for row in nights.order_by("night"):
        if row.available <= 0:
            full.setdefault(row.room_type_id, row.night)
    return full


# --- instead ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """What could be booked instead, with the full price that the grid will show."""

    kind: str
    first: dt.date
    last: dt.date
    offer: str
    price: Decimal

    def asked(self) -> dict[str, str]:
        """Return what the address must say so that the form is filled with it."""
        return {"arrival": self.first.isoformat(), "departure": self.last.isoformat(), "offer": self.offer}


def ways_out(*, hotel: Property, party: Party, alternatives: Sequence[Mapping[str, Any]]) -> list[Way]:
    """Return the alternatives of a refusal in the form in which the page offers them."""
    kinds = {str(kind.pk): kind for kind in room_types_sold(hotel)}
    plans = {str(plan.pk): plan for plan in rate_plans_sold(hotel)}
    ways = []
    for one in alternatives:
        kind, plan = kinds[one["room_type"]], plans[one["rate_plan"]]
        first, last = dt.date.fromisoformat(one["arrival"]), dt.date.fromisoformat(one["departure"])
        price = PriceList(hotel, first, last, kinds=[kind.pk]).quote(kind, plan, party).grand_total
        ways.append(Way(kind.name, first, last, f"{kind.code}:{plan.code}", price))
    return ways


# --- guests -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GuestMatch:
    """A known guest; `twin` says that another one found has the same name."""

    pk: uuid.UUID
    name: str
    email: str
    phone: str
    country: str
    twin: bool


def guests_found(hotel: Property, text: str) -> list[GuestMatch]:
    """Return known guests of the organization whose name begins like `text`, or whose mail or telephone holds it."""
    words = folded(text).split()
    if not words or len(text.strip()) < 2:
        return []
    guests = Guest.objects.filter(organization_id=hotel.organization_id)
    if "@" in text:
        guests = guests.filter(email__istartswith=text.strip())
    elif text.strip().lstrip("+").replace(" ", "").isdigit():
        guests = guests.filter(phone__contains=text.strip())
    else:
        for word in words:
            guests = guests.filter(sort_key__contains=word)
    found = list(guests.order_by("sort_key", "-created_at")[:MOST_GUESTS])
    names = [guest.sort_key for guest in found]
    return [_match(guest, twin=names.count(guest.sort_key) > 1) for guest in found]


def guest_known(hotel: Property, pk: uuid.UUID) -> GuestMatch | None:
    """Return one guest of the organization, if there is one."""
    guest = Guest.objects.filter(organization_id=hotel.organization_id, pk=pk).first()
    return _match(guest, twin=False) if guest else None


def _match(guest: Guest, *, twin: bool) -> GuestMatch:
    return GuestMatch(guest.pk, guest.full_name, guest.email, guest.phone, guest.country, twin)
