"""The messages of the pretended site, as Booking.com writes them (booking_com.md 8.4, 17)."""

from __future__ import annotations

import base64
import secrets
from xml.sax.saxutils import escape, quoteattr

from .state import NEW, Booking, Hotel, Site, Stay

NAMESPACE = "http://www.opentravel.org/OTA/2003/05"
NAMES = {
    NEW: ("OTA_HotelResNotifRQ", "HotelReservations", "HotelReservation"),
    "modify": ("OTA_HotelResModifyNotifRQ", "HotelResModifies", "HotelResModify"),
}
COMMISSION = 15  # percent


def reference() -> str:
    """Return the comment that ends every answer (booking_com.md 4)."""
    return f"<!-- RUID: [{base64.b64encode(secrets.token_bytes(24)).decode()}] -->"


def queue_answer(site: Site, queue: str, bookings: list[Booking]) -> str:
    """Return everything that waits in a queue."""
    root, container, entry = NAMES[queue]
    inside = "".join(_booking(site, booking, entry) for booking in bookings)
    return _document(root, site, "2.001", f"<{container}>{inside}</{container}>")


def _document(root: str, site: Site, version: str, inside: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}" TimeStamp="{site.moment()}" '
        f'Target="Production" Version="{version}">{inside}</{root}>\n{reference()}'
    )


def answer(site: Site, root: str, version: str, problems: list[str], *, warnings: list[str] | None = None) -> str:
    """Return a Success, with warnings if there are any, or the errors."""
    inside = f"<Errors>{''.join(problems)}</Errors>" if problems else "<Success/>"
    if warnings:
        inside += f"<Warnings>{''.join(warnings)}</Warnings>"
    return _document(root, site, version, inside)


def error(code: str, text: str, record: str = "", *, kind: str = "Error") -> str:
    """Return one Error or Warning."""
    which = f" RecordID={quoteattr(record)}" if record else ""
    return f'<{kind} Type="3" Code="{code}"{which} ShortText={quoteattr(text)}/>'


def _booking(site: Site, booking: Booking, entry: str) -> str:
    if booking.cancelled and booking.cancel_mark == "status":
        return f'<{entry} ResStatus="Cancelled"><RoomStays/>{_info(booking, "")}</{entry}>'
    if booking.cancelled and booking.cancel_mark == "empty":
        return f"<{entry}><RoomStays/>{_info(booking, '')}</{entry}>"
    stays = "".join(_stay(site, booking, stay, place) for place, stay in enumerate(booking.stays, start=1))
    guests = "".join(
        f'<ResGuest ResGuestRPH="{place}"><Profiles><ProfileInfo><Profile><Customer><PersonName><Surname>'
        f"{escape(stay.guest)}</Surname></PersonName></Customer></Profile></ProfileInfo></Profiles></ResGuest>"
        for place, stay in enumerate(booking.stays, start=1)
    )
    extra = "<CancelInfo/>" if booking.cancelled and booking.cancel_mark == "info" else ""
    total = 0 if booking.cancelled else sum(price for s in booking.stays for price, _ in s.nights.values())
    return (
        f"<{entry}><RoomStays>{stays}</RoomStays>{extra}<ResGuests>{guests}</ResGuests>"
        f"{_info(booking, _money('Total', total))}</{entry}>"
    )


def _stay(site: Site, booking: Booking, stay: Stay, place: int) -> str:
    room = site.hotels[booking.hotel].rooms.get(stay.room)
    nights = "".join(
        f'<RoomRate EffectiveDate="{night.isoformat()}" RatePlanCode={quoteattr(rate)}><Rates><Rate>'
        f"{_money('Total', price)}</Rate></Rates></RoomRate>"
        for night, (price, rate) in sorted(stay.nights.items())
    )
    children = "".join(f'<GuestCount AgeQualifyingCode="8" Age="{age}" Count="1"/>' for age in stay.children)
    total = sum(price for price, _ in stay.nights.values())
    return (
        f"<RoomStay IndexNumber={quoteattr(stay.line)}><RoomTypes><RoomType RoomTypeCode={quoteattr(stay.room)}>"
        f"<RoomDescription Name={quoteattr(room.name if room else 'Unknown')}><Text>Quiet</Text></RoomDescription>"
        f"</RoomType></RoomTypes><RatePlans><RatePlan><Commission>{_owed(total)}</Commission></RatePlan></RatePlans>"
        f"<RoomRates>{nights}</RoomRates><GuestCounts>"
        f'<GuestCount AgeQualifyingCode="10" Count="{stay.adults}"/>{children}</GuestCounts>{_money("Total", total)}'
        f"<BasicPropertyInfo HotelCode={quoteattr(booking.hotel)}/>"
        f'<ResGuestRPHs><ResGuestRPH RPH="{place}"/></ResGuestRPHs></RoomStay>'
    )


def _money(name: str, amount: int) -> str:
    return f'<{name} AmountAfterTax="{amount}" DecimalPlaces="2" CurrencyCode="EUR"/>'


def _owed(total: int) -> str:
    """Return the site's share of a price, both in cents."""
    share = (total * COMMISSION + 50) // 100
    return f'<CommissionPayableAmount Amount="{share}" DecimalPlaces="2" CurrencyCode="EUR"/>'


def _info(booking: Booking, total: str) -> str:
    given, _, surname = booking.guest.rpartition(" ")
    remarks = (
        f"<Comments><Comment><Text>{escape(booking.remarks)}</Text></Comment></Comments>" if booking.remarks else ""
    )
    # The guest's card comes until the first acknowledgement only (booking_com.md 8.4).
    card = ""
    if booking.card and not booking.acknowledged:
        card = (
            f'<Guarantee><GuaranteesAccepted><GuaranteeAccepted><PaymentCard CardCode="VI" '
            f'CardNumber={quoteattr(booking.card)} SeriesCode="123" ExpireDate="1229"><CardHolderName>'
            f"{escape(booking.guest)}</CardHolderName></PaymentCard></GuaranteeAccepted></GuaranteesAccepted></Guarantee>"
        )
    mail = escape(booking.email or "guest@guest.booking.com")
    person = (
        f"<PersonName><GivenName>{escape(given)}</GivenName><Surname>{escape(surname)}</Surname></PersonName>"
        f'<Telephone PhoneNumber="+43 1 0000000"/><Email>{mail}</Email><Address><CountryName Code="AT"/></Address>'
    )
    return (
        f"<ResGlobalInfo>{remarks}{card}{total}<HotelReservationIDs><HotelReservationID "
        f'ResID_Value="{booking.id}" ResID_Date="{booking.changed_at}"/></HotelReservationIDs><Profiles><ProfileInfo>'
        f"<Profile><Customer>{person}</Customer></Profile></ProfileInfo></Profiles></ResGlobalInfo>"
    )


def roomrates(hotel: Hotel) -> str:
    """Return rooms and rates as the mapping call lists them."""
    rates = "".join(
        f'<rate id="{number}" max_persons="2" policy="General" policy_id="1" rate_name={quoteattr(name)}/>'
        for number, name in hotel.rates.items()
    )
    rooms = "".join(
        f'<room id="{room.id}" hotel_id="{hotel.id}" hotel_name={quoteattr(hotel.name)} max_children="1" '
        f"room_name={quoteattr(room.name)}><rates>{rates}</rates></room>"
        for room in hotel.rooms.values()
    )
    return f"<rooms>{rooms}</rooms>\n{reference()}"
