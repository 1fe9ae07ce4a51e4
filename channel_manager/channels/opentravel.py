"""What channels that speak OpenTravel have in common: amounts, guests, availability messages and their answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.sax.saxutils import quoteattr

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from channel_manager.drafts import AvailabilityRun
from channel_manager.errors import ChannelAnswerUnreadable
from channel_manager.xml import Element, attribute, find, find_all

NAMESPACE = "http://www.opentravel.org/OTA/2003/05"
# Age qualifying codes (OTA AQC): 10 adult, 8 child, 7 infant; missing means adult.
CHILDREN = frozenset({"7", "8"})
MOST_NIGHTS = 731


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a message gives it, and whether tax is in it."""

    value: Decimal
    currency: str
    with_tax: bool


def amount(element: Element | None) -> Amount | None:
    """Return the amount of an element such as Total: integers carry an implied point (DecimalPlaces).

    A value with a point is taken as it stands. Raises `ChannelAnswerUnreadable` for what is no amount.
    """
    after, before = attribute(element, "AmountAfterTax"), attribute(element, "AmountBeforeTax")
    digits = after or before
    if not digits:
        return None
    value = _value(digits, attribute(element, "DecimalPlaces"))
    return Amount(value, attribute(element, "CurrencyCode").upper(), bool(after))


def commission(element: Element | None) -> Decimal | None:
    """Return what an element such as Commission says is owed to the channel; None if it says nothing that can be read.

    No guest is left without a bed because of a fee.
    """
    owed = None if element is None else find(element, "CommissionPayableAmount")
    try:
        return _value(attribute(owed, "Amount"), attribute(owed, "DecimalPlaces"))
    except ChannelAnswerUnreadable:
        return None


def _value(digits: str, places: str) -> Decimal:
    try:
        value = Decimal(digits)
        if "." not in digits:
            value = value.scaleb(-int(places or "0"))
    except (InvalidOperation, ValueError) as error:
        raise ChannelAnswerUnreadable(_("“%s” is no amount.") % digits) from error
    if not value.is_finite() or not 0 <= value < 10**10:
        raise ChannelAnswerUnreadable(_("“%s” is no amount that a stay can cost.") % digits)
    return value


def date(text: str) -> dt.date:
    """Return a date of a message. Raises `ChannelAnswerUnreadable`."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise ChannelAnswerUnreadable(_("“%s” is no date.") % text) from error


def moment(text: str) -> str:
    """Return a moment in a form that sorts, in UTC; empty where none is given."""
    try:
        read = parse_datetime(text)
    except ValueError:
        return ""
    if read is None:
        return ""
    aware = read if read.tzinfo else timezone.make_aware(read, dt.UTC)
    return aware.astimezone(dt.UTC).isoformat(timespec="seconds")


def guest_counts(stay: Element) -> tuple[int, tuple[int, ...]]:
    """Return adults (at least one) and the ages of the children; an age that was not said is 0."""
    adults, children = 0, []
    for count in find_all(stay, "GuestCounts/GuestCount"):
        people = whole(attribute(count, "Count"), most=99)
        if attribute(count, "AgeQualifyingCode") in CHILDREN:
            children += [whole(attribute(count, "Age"), most=17)] * people
        else:
            adults += people
    return max(1, adults), tuple(children)


def whole(text: str, *, most: int) -> int:
    """Return a small number; what is none counts as 0."""
    return min(most, int(text.lstrip("0")[:9] or 0)) if text.isascii() and text.isdigit() else 0


def availability_message(runs: Sequence[AvailabilityRun]) -> str:
    """Return one OTA_HotelAvailNotifRQ: rooms to sell per room and range, both dates included (booking_com.md 6.2)."""
    codes = {run.room: quoteattr(run.room) for run in runs}
    lines = [
        f'<AvailStatusMessage BookingLimit="{run.value}" LocatorID="{place}"><StatusApplicationControl '
        f'Start="{run.first.isoformat()}" End="{run.last.isoformat()}" InvTypeCode={codes[run.room]}/>'
        "</AvailStatusMessage>"
        for place, run in enumerate(runs, start=1)
    ]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<OTA_HotelAvailNotifRQ xmlns="{NAMESPACE}" TimeStamp="{now()}" '
        f'Target="Production" Version="1.005"><AvailStatusMessages>{"".join(lines)}</AvailStatusMessages>'
        "</OTA_HotelAvailNotifRQ>"
    )


def now() -> str:
    """Return the TimeStamp of a message."""
    return timezone.now().astimezone(dt.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Complaint:
    """An Error or a Warning of an answer; `record` names the line it is about."""

    record: str
    text: str


def complaints(root: Element, kind: str) -> list[Complaint]:
    """Return the errors (`kind` "Error") or warnings ("Warning") of an answer."""
    found = find_all(root, f"{kind}s/{kind}")
    return [
        Complaint(
            attribute(one, "RecordID"),
            " ".join(filter(None, [attribute(one, "Code"), attribute(one, "ShortText") or (one.text or "").strip()])),
        )
        for one in found
    ]


def succeeded(root: Element) -> bool:
    """Tell whether an answer says Success; an answer 200 alone says nothing (booking_com.md 6)."""
    return find(root, "Success") is not None and find(root, "Errors") is None
