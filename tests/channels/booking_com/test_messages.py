"""Booking.com's messages: read with all their oddities, masked before anything else, bombs refused."""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc
from decimal import Decimal

import pytest

from channel_manager import xml
from channel_manager.channels import opentravel
from channel_manager.channels.booking_com import client, messages
from channel_manager.drafts import Acknowledgement, AvailabilityRun
from channel_manager.errors import ChannelAnswerUnreadable
from properties.models import Property
from tests.channels.booking_com.wire import PAN, reservation, sample

HOTEL = Property(business_date=dt.date(2026, 3, 14))


def drafted(body: str | bytes):
    """Return what the only reservation of a raw message says."""
    (received,) = messages.received(body if isinstance(body, bytes) else body.encode())
    return messages.read(received.body)


def test_the_sample_is_read():
    draft = drafted(sample())

    (room,) = draft.rooms
    assert (draft.external_id, draft.hotel_id, draft.currency) == ("400000001", "286567", "EUR")
    assert (room.arrival, room.departure) == (dt.date(2021, 1, 1), dt.date(2021, 1, 4))
    assert [(night.price, night.rate) for night in room.nights] == [
        (Decimal(12), "997364"), (Decimal(12), "11290621"), (Decimal(10), "997364"),
    ]  # fmt: skip
    assert (room.price, room.total, draft.total) == (34, 34, 30)
    assert room.commission == Decimal("64.8")
    assert (room.adults, room.children, room.room_name) == (2, (), "Deluxe Double Room - General")
    assert (draft.booker.first_name, draft.booker.last_name, draft.booker.country) == ("Jordi", "Martí", "ES")
    assert room.guest is None  # "Jordi Martí" in one field is the booker
    assert "smoking" in room.remarks and draft.remarks == "Comentario de reserva de prueba"
    assert draft.changed_at == "2019-10-28T20:38:02+00:00" and not draft.cancelled


@pytest.mark.parametrize(
    ("digits", "places", "value"),
    [("12950", "2", "129.5"), ("648", "1", "64.8"), ("129", "0", "129"), ("129.50", "2", "129.5"), ("0", "2", "0")],
)
def test_amounts_carry_an_implied_point(digits: str, places: str, value: str):
    body = reservation(HOTEL, price=digits).replace('DecimalPlaces="2"', f'DecimalPlaces="{places}"')

    assert drafted(body).rooms[0].price == Decimal(value)


@pytest.mark.parametrize(
    ("room", "whole", "read"),
    [
        ("1800", "", "18"),
        ("", "1800", "18"),
        ("1800", "3600", "18"),
        ("0", "", "0"),
        ("", "", None),
        ("many", "", None),
    ],
)
def test_a_commission_is_that_of_the_room_and_never_in_the_way(room: str, whole: str, read: str | None):
    said = f'<CommissionPayableAmount Amount="{whole}" DecimalPlaces="2" CurrencyCode="EUR"/>'
    extra = f"<TotalCommissions>{said}</TotalCommissions>" if whole else ""

    (line,) = drafted(reservation(HOTEL, commission=room, extra=extra)).rooms

    assert line.commission == (None if read is None else Decimal(read))


@pytest.mark.parametrize("price", ["-1", "NaN", "Infinity", "1e99", "twelve", "99999999999999999999"])
def test_what_is_no_amount_is_not_read(price: str):
    with pytest.raises(ChannelAnswerUnreadable):
        drafted(reservation(HOTEL, price=price))


def test_amounts_before_tax_are_marked():
    assert not drafted(reservation(HOTEL, tax="Before")).prices_with_tax


def test_children_are_told_by_their_code():
    counts = '<GuestCount Count="2"/><GuestCount AgeQualifyingCode="8" Age="6" Count="2"/>'
    body = reservation(HOTEL).replace('<GuestCount AgeQualifyingCode="10" Count="1"/>', counts)

    assert (drafted(body).rooms[0].adults, drafted(body).rooms[0].children) == (2, (6, 6))


def test_the_same_content_has_the_same_revision_whenever_it_is_sent():
    one, other = reservation(HOTEL), reservation(HOTEL).replace('TimeStamp="2026-03-01', 'TimeStamp="2026-03-09')

    assert messages.received(one.encode())[0].revision == messages.received(other.encode())[0].revision
    assert (
        messages.received(one.encode())[0].revision
        != messages.received(reservation(HOTEL, nights=2).encode())[0].revision
    )


def test_a_reservation_without_a_number_does_not_hold_up_the_others():
    lost = reservation(HOTEL).replace('ResID_Value="5100000001"', 'ResID_Value=""')

    assert [one.message_id for one in messages.received(lost.encode())] == [""]


@pytest.mark.parametrize("body", [b"", b"  \n", b"<OTA_HotelResNotifRQ><HotelReservations/></OTA_HotelResNotifRQ>"])
def test_an_empty_queue_is_empty_in_both_forms(body: bytes):
    assert messages.received(body) == []


# --- cards ------------------------------------------------------------------------------------------------------------

WHERE = {
    "attribute": reservation(HOTEL),
    "remark": reservation(HOTEL, extra=f"<Comments><Comment><Text>my card {PAN}</Text></Comment></Comments>"),
    "spaced": reservation(HOTEL, extra="<Comments><Comment><Text>4111 1111-1111 1111</Text></Comment></Comments>"),
    "other attribute": reservation(HOTEL).replace("<ResGlobalInfo>", f'<ResGlobalInfo note="{PAN}">'),
    "no check digit": reservation(HOTEL, card="4111111111111112"),
}


@pytest.mark.parametrize("where", WHERE)
def test_no_card_survives_reading(where: str):
    (received,) = messages.received(WHERE[where].encode())

    plain = received.body.replace(" ", "").replace("-", "")
    assert "411111111111" not in plain and "SeriesCode" not in plain and "987" not in plain and "1229" not in plain
    if where == "attribute":
        assert 'CardNumber="************1111"' in received.body


@pytest.mark.parametrize(
    "body",
    [
        reservation(HOTEL)[:-80],
        f'<a CardNumber="{PAN}" SeriesCode="987"',
        f"<cc_number>{PAN}</cc_number><cc_cvc>987</cc_cvc>",
        f"{PAN} is my card, 987 no xml",
    ],
)
def test_no_card_survives_in_what_cannot_be_read(body: str):
    masked = xml.mask_raw(body.encode())

    assert PAN not in masked and 'SeriesCode="987"' not in masked and "<cc_cvc>987" not in masked


def test_control_an_unmasked_body_would_hold_the_card():
    assert PAN in reservation(HOTEL)


# --- bombs ------------------------------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]><a>&a11;</a>"
)
BOMBS = {
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "network": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "laughs": LAUGHS,
    "spaced": "<! DOCTYPE a><a/>",
    "utf-16": LAUGHS.encode("utf-16"),
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE a+AD4-+ADw-a/+AD4-',
    "deep": "<a>" * 5000 + "</a>" * 5000,
    "nested": "<a>" * 70 + "</a>" * 70,
    "large": "<a>" + "x" * (xml.MOST_BYTES + 1) + "</a>",
    "nul": "<a>\0</a>",
    "cut": "<a><b></a>",
    "nothing": "",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str):
    body = BOMBS[name]
    raw = body if isinstance(body, bytes) else body.encode()
    tracemalloc.start()
    started = time.process_time()

    with pytest.raises(ChannelAnswerUnreadable):
        xml.parse(raw)

    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    tracemalloc.stop()


def test_an_xinclude_is_text_and_never_followed():
    root = xml.parse(b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></a>')

    assert "root:" not in xml.write(root)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_an_acknowledgement_echoes_all_their_numbers_and_ours():
    item = Acknowledgement("51", (("51", "14"), ("token-9", "18")), "AB<12")

    root = xml.parse(messages.acknowledgement("modify", [item]).encode())

    assert xml.local_name(root) == "OTA_HotelResModifyNotifRS" and xml.find(root, "Success") is not None
    ids = xml.find_all(root, "HotelResModifies/HotelResModify/ResGlobalInfo/HotelReservationIDs/HotelReservationID")
    assert [(one.get("ResID_Value"), one.get("ResID_Type"), one.get("ResID_Source")) for one in ids] == [
        ("51", "14", "BOOKING.COM"), ("token-9", "18", "BOOKING.COM"), ("AB<12", "14", "RT"),
    ]  # fmt: skip


def test_nobody_else_parses_xml_or_calls_out():
    from tests.architecture import house

    allowed = {"channel_manager/xml.py", "channel_manager/outbound.py", "pms/accounts/openid/wire.py"}
    found = [
        house.name_of(path)
        for path in house.house_files()
        if path.parts[-2:] != ("channel_manager", "xml.py")
        and any(f"import {name}" in house.text_of(path) or f"from {name}" in house.text_of(path)
                for name in ("lxml", "httpx", "httpcore", "requests", "urllib.request", "xml.etree"))
    ]  # fmt: skip

    assert set(found) <= allowed


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("007", 7), ("0", 0), ("99", 9), ("9" * 5000, 9), ("²", 0), ("٣", 0), ("-1", 0), ("two", 0), ("", 0)],
)
def test_a_small_number_is_read_and_anything_else_counts_as_none(text: str, number: int):
    assert opentravel.whole(text, most=9) == number


@pytest.mark.parametrize(
    ("record", "line"), [("1", 1), ("2", 2), ("3", 0), ("0", 0), ("²", 0), ("", 0), ("9" * 5000, 0)]
)
def test_a_complaint_about_no_line_of_ours_concerns_the_whole_message(record: str, line: int):
    night = dt.date(2026, 3, 14)
    runs = [AvailabilityRun(room, night, night, 1) for room in ("A", "B")]

    assert client._line(opentravel.Complaint(record, "Refused"), runs) == line
