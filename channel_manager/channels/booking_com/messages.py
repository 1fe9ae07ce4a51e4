"""Booking.com's messages, read and written (docs: OpenTravel 2003B dialect; the facts are in booking_com.md 8)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext as _

from channel_manager.channels import opentravel
from channel_manager.channels.opentravel import Amount
from channel_manager.drafts import (
    MODIFY,
    NEW,
    Acknowledgement,
    BookingDraft,
    LineNight,
    Product,
    Products,
    Received,
    RoomLine,
)
from channel_manager.errors import ChannelAnswerUnreadable
from channel_manager.xml import Element, attribute, digest, find, find_all, local_name, mask, parse, text, write
from reservations.drafts import GuestDraft

# Queue → the names of its messages: request root, answer root, container, entry.
NAMES = {
    NEW: ("OTA_HotelResNotifRQ", "OTA_HotelResNotifRS", "HotelReservations", "HotelReservation"),
    MODIFY: ("OTA_HotelResModifyNotifRQ", "OTA_HotelResModifyNotifRS", "HotelResModifies", "HotelResModify"),
}
ENTRIES = frozenset(names[3] for names in NAMES.values())
CANCELLED = frozenset({"cancel", "cancelled", "canceled"})
# A reference follows the root of every answer as a comment.
REFERENCE = re.compile(r"<!--\s*RUID:\s*\[(.*?)\]\s*-->", re.DOTALL)
NAME, MAIL, PHONE = 100, 254, 40
IDS = "ResGlobalInfo/HotelReservationIDs/HotelReservationID"


# --- reading ----------------------------------------------------------------------------------------------------------


def entries(root: Element) -> list[Element]:
    """Return the reservations of an answer, whichever queue it came from."""
    if local_name(root) in ENTRIES:
        return [root]
    if not local_name(root).startswith("OTA_HotelRes"):
        raise ChannelAnswerUnreadable(
            _("The message is no list of reservations but <%(root)s>.") % {"root": local_name(root)}
        )
    return [entry for container in root for entry in container if local_name(entry) in ENTRIES]


def received(body: bytes) -> list[Received]:
    """Return the reservations of a raw answer, each masked; an empty body has none. Raises as `parse`."""
    if not body.strip():
        return []
    return [_received(mask(entry)) for entry in entries(parse(body))]


def _received(entry: Element) -> Received:
    ids = tuple((attribute(one, "ResID_Value"), attribute(one, "ResID_Type") or "14") for one in find_all(entry, IDS))
    number = ids[0][0][:60] if ids else ""  # without one it can be kept, but neither applied nor acknowledged
    first = find(entry, "RoomStays/RoomStay/BasicPropertyInfo")
    return Received(number, ids, digest(entry), write(entry), attribute(first, "HotelCode"))


def read(body: str) -> BookingDraft:
    """Return what a stored reservation says. Raises `ChannelAnswerUnreadable` with what is missing or wrong."""
    entry = parse(body.encode())
    info = find(entry, "ResGlobalInfo")
    number = find(entry, IDS)
    if info is None or number is None:
        raise ChannelAnswerUnreadable(_("A reservation came without its number."))
    total = opentravel.amount(find(info, "Total"))
    booker = _booker(info)
    guests = _guests(entry)
    stays = find_all(entry, "RoomStays/RoomStay")
    cancelled = _is_cancelled(entry, stays, total)
    seen: list[Amount] = []
    # A cancellation may still show the rooms; that it cannot be read then hurts nobody.
    rooms = () if cancelled else tuple(_room(stay, place, guests, booker, seen) for place, stay in enumerate(stays))
    if len(rooms) == 1 and rooms[0].commission is None:
        rooms = (replace(rooms[0], commission=opentravel.commission(find(info, "TotalCommissions"))),)
    if not rooms and not cancelled:
        raise ChannelAnswerUnreadable(_("A reservation came without rooms."))
    return BookingDraft(
        external_id=attribute(number, "ResID_Value"),
        hotel_id=next((attribute(find(stay, "BasicPropertyInfo"), "HotelCode") for stay in stays), ""),
        booker=booker,
        rooms=_lines_once(rooms),
        currency=next((one.currency for one in seen if one.currency), total.currency if total else ""),
        cancelled=cancelled,
        changed_at=opentravel.moment(attribute(number, "ResID_Date")),
        total=total.value if total else None,
        remarks="\n".join(filter(None, (text(one, "Text") for one in find_all(info, "Comments/Comment")))),
        prices_with_tax=all(one.with_tax for one in seen),
        flags=tuple(attribute(flag, "name")[:30] for flag in find_all(entry, "TPA_Extensions/flags/flag")),
    )


def _is_cancelled(entry: Element, stays: Sequence[Element], total: Amount | None) -> bool:
    """How a cancellation is marked is not documented, so every sign that was seen counts (booking_com.md 8.4)."""
    if attribute(entry, "ResStatus").lower() in CANCELLED:
        return True
    if any(local_name(element).startswith("CancelInfo") for element in entry.iter("{*}*")):
        return True
    modified = local_name(entry) == NAMES[MODIFY][3]
    return modified and (not stays or (total is not None and not total.value))


def _room(stay: Element, place: int, guests: dict[str, GuestDraft], booker: GuestDraft, seen: list[Amount]) -> RoomLine:
    """Read a room. There is no TimeSpan: the dates are those of the nights."""
    nights: dict[dt.date, LineNight] = {}
    for rate in find_all(stay, "RoomRates/RoomRate"):
        paid = opentravel.amount(find(rate, "Rates/Rate/Total"))
        if paid is None:
            raise ChannelAnswerUnreadable(_("A night came without its price."))
        seen.append(paid)
        night = opentravel.date(attribute(rate, "EffectiveDate"))
        nights[night] = LineNight(night, paid.value, attribute(rate, "RatePlanCode")[:60])
    if not nights:
        raise ChannelAnswerUnreadable(_("A room came without nights."))
    adults, children = opentravel.guest_counts(stay)
    total = opentravel.amount(find(stay, "Total"))
    room = find(stay, "RoomTypes/RoomType")
    rph = attribute(find(stay, "ResGuestRPHs/ResGuestRPH"), "RPH")
    guest = guests.get(rph)
    return RoomLine(
        line=attribute(stay, "IndexNumber") or str(place + 1),
        room=attribute(room, "RoomTypeCode")[:60],
        room_name=attribute(find(stay, "RoomTypes/RoomType/RoomDescription"), "Name")[:200],
        nights=_without_gaps(nights),
        adults=adults,
        children=children,
        guest=None if guest is None or _same_name(guest, booker) else guest,
        total=total.value if total else None,
        commission=opentravel.commission(find(stay, "RatePlans/RatePlan/Commission")),
        remarks=_remarks(stay),
    )


def _without_gaps(nights: dict[dt.date, LineNight]) -> tuple[LineNight, ...]:
    first, last = min(nights), max(nights)
    if (last - first).days >= opentravel.MOST_NIGHTS:
        raise ChannelAnswerUnreadable(_("The stay is longer than two years."))
    days = [first + dt.timedelta(days=place) for place in range((last - first).days + 1)]
    return tuple(nights.get(day) or LineNight(day, Decimal(0)) for day in days)


def _lines_once(rooms: tuple[RoomLine, ...]) -> tuple[RoomLine, ...]:
    """Give lines that share a number numbers of their own, in their order."""
    seen: dict[str, int] = {}
    result = []
    for room in rooms:
        seen[room.line] = seen.get(room.line, 0) + 1
        again = seen[room.line]
        result.append(room if again == 1 else replace(room, line=f"{room.line}/{again}"))
    return tuple(result)


def _remarks(stay: Element) -> str:
    wishes = [
        f"{attribute(wish, 'Name')}: {text(wish, 'Text')}" for wish in find_all(stay, "SpecialRequests/SpecialRequest")
    ]
    return "\n".join([*(text(one, "Text") for one in find_all(stay, "Comments/Comment")), *wishes]).strip()


def _guests(entry: Element) -> dict[str, GuestDraft]:
    """Return the named guests by the number with which rooms refer to them."""
    found = {}
    for guest in find_all(entry, "ResGuests/ResGuest"):
        customer = find(guest, "Profiles/ProfileInfo/Profile/Customer")
        if customer is not None and text(customer, "PersonName/Surname"):
            found[attribute(guest, "ResGuestRPH")] = _person(customer)
    return found


def _booker(info: Element) -> GuestDraft:
    customer = find(info, "Profiles/ProfileInfo/Profile/Customer")
    return GuestDraft(last_name="?") if customer is None else _person(customer)


def _person(customer: Element) -> GuestDraft:
    surname, given = text(customer, "PersonName/Surname"), text(customer, "PersonName/GivenName")
    return GuestDraft(
        last_name=(surname or given or "?")[:NAME],
        first_name=(given if surname else "")[:NAME],
        email=text(customer, "Email")[:MAIL],
        phone=attribute(find(customer, "Telephone"), "PhoneNumber")[:PHONE],
        country=attribute(find(customer, "Address/CountryName"), "Code")[:2],
    )


def _same_name(one: GuestDraft, other: GuestDraft) -> bool:
    """Tell whether two people are called the same, also where one field holds the whole name."""
    return f"{one.first_name} {one.last_name}".split() == f"{other.first_name} {other.last_name}".split()


def products(root: Element) -> Products:
    """Return what the call roomrates lists (booking_com.md 7); a rate of several rooms counts once."""
    rooms, rates = {}, {}
    for room in find_all(root, "room"):
        rooms[attribute(room, "id")] = attribute(room, "room_name")
        for rate in find_all(room, "rates/rate"):
            rates[attribute(rate, "id")] = attribute(rate, "rate_name")
    return Products(
        tuple(Product(key, name) for key, name in rooms.items() if key),
        tuple(Product(key, name) for key, name in rates.items() if key),
    )


def reference(answer: str) -> str:
    """Return the reference (RUID) of an answer, for the channel's support."""
    found = REFERENCE.search(answer)
    return found.group(1)[:200] if found else ""


# --- writing ----------------------------------------------------------------------------------------------------------


def acknowledgement(queue: str, items: Sequence[Acknowledgement]) -> str:
    """Return the message that tells the queue which reservations are ours: all their numbers, and ours (source RT)."""
    _kind, root, container, entry = NAMES[queue]
    told = "".join(
        f"<{entry}><ResGlobalInfo><HotelReservationIDs>{_numbers(item)}</HotelReservationIDs></ResGlobalInfo></{entry}>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{opentravel.NAMESPACE}" '
        f'TimeStamp="{opentravel.now()}" Target="Production" Version="2.001"><Success/>'
        f"<{container}>{told}</{container}></{root}>"
    )


def _numbers(item: Acknowledgement) -> str:
    theirs = "".join(
        f'<HotelReservationID ResID_Value={quoteattr(value)} ResID_Source="BOOKING.COM" ResID_Type={quoteattr(kind)}/>'
        for value, kind in item.ids
    )
    ours = f'<HotelReservationID ResID_Value={quoteattr(item.our_number)} ResID_Source="RT" ResID_Type="14"/>'
    return theirs + ours


def roomrates_request(hotel_id: str) -> str:
    """Return the question for rooms and rates."""
    return f"<request><hotel_id>{int(hotel_id)}</hotel_id></request>"
