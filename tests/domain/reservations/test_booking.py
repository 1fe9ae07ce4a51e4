"""Booking: what is sold leaves the counters, and all that tells of it is written."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties.models import Property
from reservations.drafts import GuestDraft
from reservations.models import Booking, Guest, Reservation
from reservations.numbers import CROCKFORD
from reservations.services.bookings import booking_create
from reservations.services.stays import reservation_cancel
from tests.committed import committed
from tests.domain.reservations.given import after, assert_counts_are_right, happened, kind, left, lefts
from tests.factories.reservations import make_booking, make_reservation, make_stay, open_for_sale

JORDI = GuestDraft(last_name="Martí", first_name="Jordi", email="jordi@example.org", phone="+34 600 111 222")


def test_a_booking_lowers_the_type_and_the_house(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, nights=2, adults=2, rate_plan="BB")

    assert reservation.total == Decimal("312.00")
    assert [left(sea, "DBL", after(sea, day)) for day in range(3)] == [1, 1, 2]
    assert [left(sea, None, after(sea, day)) for day in range(3)] == [3, 3, 4]
    assert_counts_are_right(sea)


def test_the_trial_hotel_sells_fifty_rooms(trial_hotel: Any) -> None:
    open_for_sale(trial_hotel, nights=2)

    assert lefts(trial_hotel, "SGL", "DBL", "SUI", None) == [15, 30, 5, 50]


def test_one_booking_holds_several_types_and_dates(sea: Property) -> None:
    booking = booking_create(
        hotel=sea,
        booker=JORDI,
        stays=[
            make_stay(hotel=sea, room_type="DBL", nights=2),
            make_stay(hotel=sea, room_type="SUI", arrival=after(sea, 1), nights=2, adults=2, children=(4, 9)),
            make_stay(hotel=sea, room_type="SGL", guest=GuestDraft(last_name="Sola")),
        ],
    )

    stays = list(booking.reservations.order_by("number"))
    assert [stay.number for stay in stays] == [f"{booking.number}-{place}" for place in (1, 2, 3)]
    assert [stay.total for stay in stays] == [240, 440, 90]
    assert [stay.guest.last_name for stay in stays] == ["Martí", "Martí", "Sola"]
    assert [lefts(sea, "SGL", "DBL", "SUI", None, night=after(sea, day)) for day in range(4)] == [
        [0, 1, 1, 2],
        [1, 1, 0, 2],
        [1, 2, 0, 3],
        [1, 2, 1, 4],
    ]


def test_numbers_are_eight_letters_and_digits_that_nobody_misreads(sea: Property) -> None:
    bookings = [make_booking(hotel=sea, arrival=after(sea, day)) for day in range(6)]

    assert not set("ILOU") & set(CROCKFORD)
    for booking in bookings:
        assert re.fullmatch(rf"[{CROCKFORD}]{{8}}", booking.number)
    assert len({booking.number for booking in bookings}) == 6


def test_a_number_that_is_taken_is_not_given_again(sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_booking(hotel=sea)
    letters = iter([*first.number, *"ABCD1234"])
    monkeypatch.setattr("reservations.numbers.secrets.choice", lambda _alphabet: next(letters))

    assert make_booking(hotel=sea).number == "ABCD1234"


def test_each_night_keeps_what_was_sold(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, nights=2, rate_plan="BB")

    double = kind(sea, "DBL").pk
    nights = list(reservation.nights.values_list("night", "room_type", "booked_type", "price", "counted"))
    assert nights == [(after(sea, day), double, double, Decimal("138.00"), True) for day in (0, 1)]
    assert [part["code"] for part in reservation.nights.first().parts] == [
        "room",
        "breakfast_drinks",
        "breakfast_food",
    ]


def test_a_known_guest_books_under_the_profile_she_has(sea: Property) -> None:
    first = make_booking(hotel=sea)

    second = booking_create(
        hotel=sea, booker=GuestDraft(guest_id=first.booker_id), stays=[make_stay(hotel=sea, room_type="SGL")]
    )

    assert (second.booker_id, Guest.objects.count()) == (first.booker_id, 1)


def test_a_booking_is_told_in_the_stream_without_a_word_about_people(sea: Property, hugo: User) -> None:
    with committed(), act_as(via="page", user=hugo):
        booking = booking_create(
            hotel=sea, booker=JORDI, stays=[make_stay(hotel=sea, nights=2, notes="Peanut allergy")] * 2
        )

    told = StreamEvent.objects.filter(property_id=sea.pk, kind="happened", actor_id=hugo.pk).order_by("seq")
    assert [event.code for event in told] == [
        "availability.moved",
        "booking.created",
        "reservation.created",
        "reservation.created",
    ]
    stay = booking.reservations.order_by("number").first()
    created = happened("reservation.created")[0]
    assert created.payload == {
        "changes": {"status": [None, "confirmed"]},
        "reservation_id": str(stay.pk),
        "booking_id": str(booking.pk),
        "arrival": "2026-03-14",
        "departure": "2026-03-16",
    }
    assert (created.object_id, created.version, created.business_date) == (stay.pk, 1, sea.business_date)
    payloads = json.dumps(list(StreamEvent.objects.values_list("payload", "touches")), ensure_ascii=False)
    for word in ("Martí", "Jordi", "jordi@", "+34", "Peanut"):
        assert word not in payloads


def test_a_booking_stands_in_the_audit_with_who_made_it(sea: Property, hugo: User) -> None:
    with act_as(via="page", user=hugo, request_id="r-1"):
        booking = make_booking(hotel=sea, rooms=2)

    written = AuditEntry.objects.filter(request_id="r-1")
    assert sorted(entry.content_type.model for entry in written) == ["booking", "guest", "reservation", "reservation"]
    assert {(entry.actor_id, entry.via, entry.property_id) for entry in written} == {(hugo.pk, "page", sea.pk)}
    assert written.get(content_type__model="booking").object_repr == booking.number


def test_a_forced_booking_flags_the_stays_that_found_no_room_and_only_those(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)

    booking = booking_create(
        hotel=sea,
        booker=JORDI,
        stays=[make_stay(hotel=sea, room_type="DBL", nights=2), make_stay(hotel=sea, room_type="SUI")],
        forced=True,
    )

    assert dict(booking.reservations.values_list("room_type__code", "flags")) == {"DBL": ["overbooked"], "SUI": []}
    assert lefts(sea, "DBL", "SUI", None) == [-1, 0, 0]
    assert_counts_are_right(sea)


def test_a_forced_booking_that_finds_a_room_is_a_booking_like_any_other(sea: Property) -> None:
    assert make_reservation(hotel=sea, forced=True).flags == []


def test_a_room_that_was_given_up_is_sold_again_at_once(sea: Property) -> None:
    first = make_booking(hotel=sea, rooms=2)
    reservation_cancel(hotel=sea, reservation_id=first.reservations.first().pk, reason="ill")

    again = make_reservation(hotel=sea)

    assert again.status == Reservation.Status.CONFIRMED
    assert left(sea, "DBL") == 0
    assert Booking.objects.count() == 2
