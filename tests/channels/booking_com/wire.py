"""Messages as Booking.com would send them, written by hand: the tests' own words, not the sandbox's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from properties.models import Property

SAMPLES = Path(__file__).with_name("samples")
NAMESPACE = "http://www.opentravel.org/OTA/2003/05"
PAN = "4111111111111111"
LISTS = {"HotelReservation": ("OTA_HotelResNotifRQ", "HotelReservations"),
         "HotelResModify": ("OTA_HotelResModifyNotifRQ", "HotelResModifies")}  # fmt: skip


def sample() -> bytes:
    """Return the published sample: a stay of 2021 with three nights, sums that disagree, one decimal place."""
    return (SAMPLES / "ota_resnotif_avantio_style_single_room_3rates.xml").read_bytes()


def reservation(
    hotel: Property,
    *,
    number: str = "5100000001",
    nights: int = 1,
    after: int = 0,
    room: str = "90010002",
    rate: str = "55001",
    price: str = "12000",
    at: str = "2026-03-01T08:00:00",
    entry: str = "HotelReservation",
    line: str = "610000001",
    extra: str = "",
    card: str = PAN,
    currency: str = "EUR",
    tax: str = "After",
    status: str = "",
    commission: str = "",
) -> str:
    """Return a whole message with one reservation of one room."""
    root, container = LISTS[entry]
    first = hotel.business_date + dt.timedelta(days=after)
    total = f'<Total Amount{tax}Tax="{price}" DecimalPlaces="2" CurrencyCode="{currency}"/>'
    days = [(first + dt.timedelta(days=place)).isoformat() for place in range(nights)]
    rates = "".join(
        f'<RoomRate EffectiveDate="{day}" RatePlanCode="{rate}"><Rates><Rate>{total}</Rate></Rates></RoomRate>'
        for day in days
    )
    owed = f'<CommissionPayableAmount Amount="{commission}" DecimalPlaces="2" CurrencyCode="{currency}"/>'
    share = f"<RatePlans><RatePlan><Commission>{owed}</Commission></RatePlan></RatePlans>" if commission else ""
    stay = (
        f'<RoomStay IndexNumber="{line}"><RoomTypes><RoomType RoomTypeCode="{room}"><RoomDescription '
        f'Name="Double &amp; Balcony"/></RoomType></RoomTypes>{share}<RoomRates>{rates}</RoomRates><GuestCounts>'
        '<GuestCount AgeQualifyingCode="10" Count="1"/></GuestCounts><BasicPropertyInfo HotelCode="900100"/></RoomStay>'
    )
    mark = f' ResStatus="{status}"' if status else ""
    stays = "<RoomStays/>" if status else f"<RoomStays>{stay}</RoomStays>"
    paid = (
        f'<Guarantee><GuaranteesAccepted><GuaranteeAccepted><PaymentCard CardCode="VI" CardNumber="{card}" '
        'SeriesCode="987" ExpireDate="1229"><CardHolderName>Z D</CardHolderName></PaymentCard></GuaranteeAccepted>'
        "</GuaranteesAccepted></Guarantee>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}" TimeStamp="2026-03-01T08:00:00" '
        f'Target="Production" Version="2.001"><{container}><{entry}{mark}>{stays}<ResGlobalInfo>{extra}{paid}'
        f'<HotelReservationIDs><HotelReservationID ResID_Value="{number}" ResID_Date="{at}"/></HotelReservationIDs>'
        "<Profiles><ProfileInfo><Profile><Customer><PersonName><GivenName>Zoë</GivenName><Surname>Ďurišová</Surname>"
        "</PersonName><Email>zoe.000001@guest.booking.com</Email></Customer></Profile></ProfileInfo></Profiles>"
        f"</ResGlobalInfo></{entry}></{container}></{root}>\n<!-- RUID: [ZGVtbw==] -->"
    )
