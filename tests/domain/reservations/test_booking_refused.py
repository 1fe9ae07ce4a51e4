"""Every reason for which nothing is booked; each leaves counters, rows, stream and audit as they were."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pms.core.errors import DomainError, InvalidValue, NotThere
from properties.models import Property
from properties.services import business_date_roll
from reservations.drafts import ExternalRef, GuestDraft, StayDraft
from reservations.errors import (
    ArrivalInPast,
    BookedAlready,
    CapacityExceeded,
    NightNotOpen,
    NotAvailable,
    PriceMissing,
    StayIncomplete,
    StayTooLong,
    WrongHotel,
)
from reservations.models import Booking, DailyRate, RatePlan
from reservations.selectors.offers import Party
from reservations.selectors.offers import alternatives as alternatives_of
from reservations.services.bookings import booking_create
from reservations.services.inventory import Move, inventory_move, inventory_open
from tests.domain.reservations.given import after, kind, left, nothing_changed
from tests.factories.reservations import make_booking, make_stay

SOMEBODY = GuestDraft(last_name="Martí")
REF = ExternalRef("partner", "P-1")


def refused(hotel: Property, error: type[DomainError], *stays: StayDraft, **options: Any) -> DomainError:
    """Return the error with which the booking is refused, having proved that nothing changed."""
    with nothing_changed(), pytest.raises(error) as refusal:
        booking_create(**{"hotel": hotel, "booker": SOMEBODY, "stays": stays, **options})
    return refusal.value


def test_an_arrival_before_the_business_date(sea: Property) -> None:
    error = refused(sea, ArrivalInPast, make_stay(hotel=sea, arrival=after(sea, -1), nights=3))

    assert error.facts == {"business_date": "2026-03-14"}
    assert error.field == "reservations.0.arrival"


def test_the_business_date_counts_as_it_is_now_not_as_the_caller_saw_it(sea: Property, time_machine: Any) -> None:
    time_machine.move_to("2026-03-15 12:00+01:00")
    seen_yesterday = Property.objects.get(pk=sea.pk)
    business_date_roll(hotel=sea)

    error = refused(seen_yesterday, ArrivalInPast, make_stay(hotel=seen_yesterday))

    assert error.facts == {"business_date": "2026-03-15"}


def test_a_booking_without_a_stay(sea: Property) -> None:
    assert refused(sea, StayIncomplete).field == "reservations"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"departure": dt.date(2026, 3, 14)}, "departure"),
        ({"departure": dt.date(2026, 3, 13)}, "departure"),
        ({"adults": 0}, "adults"),
        ({"adults": 0, "children": (12,)}, "adults"),
    ],
)
def test_a_stay_without_a_night_or_an_adult(sea: Property, wrong: dict[str, Any], field: str) -> None:
    good, bad = make_stay(hotel=sea), replace(make_stay(hotel=sea), **wrong)

    assert refused(sea, StayIncomplete, good, bad).field == f"reservations.1.{field}"


def test_more_nights_than_a_reservation_holds(sea: Property) -> None:
    error = refused(sea, StayTooLong, make_stay(hotel=sea, nights=366))

    assert error.facts == {"most_nights": 365}
    refused(sea, PriceMissing, make_stay(hotel=sea, nights=365))  # long, but not too long


@pytest.mark.parametrize(
    ("code", "adults", "children"),
    [
        ("SGL", 2, ()),
        ("SGL", 1, (3,)),
        ("DBL", 3, ()),
        ("DBL", 2, (3, 5)),
        ("DBL", 1, (3, 5, 7)),
        ("SUI", 2, (1, 2, 3)),
    ],
)
def test_more_people_than_the_type_sleeps(sea: Property, code: str, adults: int, children: tuple[int, ...]) -> None:
    stay = make_stay(hotel=sea, room_type=code, adults=adults, children=children)

    error = refused(sea, CapacityExceeded, stay)

    assert error.facts == {"max_adults": kind(sea, code).max_adults, "max_children": kind(sea, code).max_children}


@pytest.mark.parametrize(("adults", "children"), [(1, (3, 5)), (2, (5,)), (1, (5,)), (2, ())])
def test_a_child_may_take_the_place_of_an_adult(sea: Property, adults: int, children: tuple[int, ...]) -> None:
    make_booking(hotel=sea, adults=adults, children=children)

    assert left(sea, "DBL") == 1


def test_a_room_type_or_plan_of_another_hotel(sea: Property, lake: Property) -> None:
    ours, theirs = make_stay(hotel=sea), make_stay(hotel=lake)

    wrong_type = refused(sea, WrongHotel, replace(ours, room_type_id=theirs.room_type_id))
    wrong_plan = refused(sea, WrongHotel, replace(ours, rate_plan_id=theirs.rate_plan_id))
    nothing = refused(sea, WrongHotel, replace(ours, room_type_id=None))

    assert (wrong_type.field, wrong_plan.field) == ("reservations.0.room_type", "reservations.0.rate_plan")
    assert nothing.field == "reservations.0.room_type"


def test_a_guest_of_another_organization(sea: Property, lake: Property) -> None:
    stranger = make_booking(hotel=lake).booker

    refused(sea, NotThere, make_stay(hotel=sea), booker=GuestDraft(guest_id=stranger.pk))
    refused(sea, NotThere, make_stay(hotel=sea, guest=GuestDraft(guest_id=stranger.pk)))


def test_a_booker_without_a_name(sea: Property) -> None:
    assert refused(sea, InvalidValue, make_stay(hotel=sea), booker=GuestDraft(last_name=" ")).field == "last_name"


def test_a_night_without_a_price(sea: Property) -> None:
    DailyRate.objects.filter(property=sea, night=after(sea, 1), room_type__code="DBL").delete()

    for plan in ("BAR", "BB"):  # BB takes its room price from BAR
        error = refused(sea, PriceMissing, make_stay(hotel=sea, nights=3, rate_plan=plan))
        assert error.facts == {"night": "2026-03-15"}
    make_booking(hotel=sea, room_type="SUI", nights=3)


def test_a_night_beyond_those_opened(sea: Property) -> None:
    bar = RatePlan.objects.get(property=sea, code="BAR")
    last = after(sea, 61)
    DailyRate.objects.create(property=sea, room_type=kind(sea, "DBL"), rate_plan=bar, night=last, price=120)

    error = refused(sea, NightNotOpen, make_stay(hotel=sea, arrival=after(sea, 60), nights=2))

    assert error.facts == {"night": last.isoformat()}
    inventory_open(hotel=sea, first=last, last=last)
    make_booking(hotel=sea, arrival=after(sea, 60), nights=2)


def test_one_room_too_many_refuses_the_whole_booking(sea: Property) -> None:
    stays = [make_stay(hotel=sea, room_type=code, nights=2) for code in ("SGL", "DBL", "SUI", "DBL", "DBL")]

    error = refused(sea, NotAvailable, *stays)

    assert (error.facts["room_type"], error.facts["night"]) == (str(kind(sea, "DBL").pk), "2026-03-14")


# --- the same booking sent again --------------------------------------------------------------------------------------


def test_a_booking_with_a_known_external_number(sea: Property) -> None:
    make_booking(hotel=sea, external_ref=REF)

    refused(sea, BookedAlready, make_stay(hotel=sea), external_ref=REF)
    make_booking(hotel=sea, external_ref=ExternalRef("partner", "P-2"))


def test_a_repeat_is_told_so_although_the_house_is_full_and_the_day_is_over(sea: Property, time_machine: Any) -> None:
    make_booking(hotel=sea, rooms=2, external_ref=REF)

    refused(sea, BookedAlready, make_stay(hotel=sea), make_stay(hotel=sea), external_ref=REF)

    time_machine.move_to("2026-03-15 12:00+01:00")
    yesterday = make_stay(hotel=sea)
    business_date_roll(hotel=sea)
    refused(sea, BookedAlready, yesterday, external_ref=REF)


def test_the_same_number_in_another_system_or_hotel_is_another_booking(sea: Property, lake: Property) -> None:
    make_booking(hotel=sea, external_ref=REF)
    make_booking(hotel=sea, external_ref=ExternalRef("other", REF.id))
    make_booking(hotel=lake, external_ref=REF)

    assert Booking.objects.count() == 3


def test_the_constraint_alone_tells_a_repeat_too(sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    make_booking(hotel=sea, external_ref=REF)
    monkeypatch.setattr("reservations.services.bookings._refuse_known", lambda *_: None)

    refused(sea, BookedAlready, make_stay(hotel=sea), external_ref=REF)


# --- what is offered instead ------------------------------------------------------------------------------------------


def alternatives(hotel: Property, *stays: StayDraft) -> list[tuple[str, str, str, int]]:
    """Return what is offered instead: type, arrival, price, rooms left."""
    error = refused(hotel, NotAvailable, *stays)
    offered = error.facts["alternatives"]
    return [(one["room_type_code"], one["arrival"], one["total"], one["available"]) for one in offered]


def test_other_types_come_first_then_the_same_type_nearby(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2, nights=2)

    assert alternatives(sea, make_stay(hotel=sea)) == [
        ("SGL", "2026-03-14", "90.00", 1),
        ("SUI", "2026-03-14", "220.00", 1),
        ("DBL", "2026-03-16", "120.00", 2),
        ("DBL", "2026-03-17", "120.00", 2),
        ("DBL", "2026-03-21", "120.00", 2),
    ]


def test_nothing_that_is_sold_out_too_small_or_past_is_offered(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2, arrival=after(sea, 1))
    make_booking(hotel=sea, room_type="SUI", arrival=after(sea, 1))

    # Two adults do not fit into a single; a day earlier is today, two days earlier is past.
    assert alternatives(sea, make_stay(hotel=sea, arrival=after(sea, 1), adults=2)) == [
        ("DBL", "2026-03-16", "120.00", 2),
        ("DBL", "2026-03-14", "120.00", 2),
        ("DBL", "2026-03-17", "120.00", 2),
        ("DBL", "2026-03-18", "120.00", 2),
        ("DBL", "2026-03-22", "120.00", 2),
    ]


def test_a_full_house_offers_other_dates_only(sea: Property) -> None:
    house = Move(None, sea.business_date, -4, "limit")
    inventory_move(hotel=sea, moves=[house])

    offered = alternatives(sea, make_stay(hotel=sea))

    assert {arrival for _, arrival, _, _ in offered} == {"2026-03-15", "2026-03-16", "2026-03-17", "2026-03-21"}
    assert {code for code, _, _, _ in offered} == {"DBL"}


def test_alternatives_are_for_the_stay_that_found_no_room(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2, arrival=after(sea, 30))

    offered = alternatives(sea, make_stay(hotel=sea), make_stay(hotel=sea, arrival=after(sea, 30)))

    assert offered[0] == ("SGL", "2026-04-13", "90.00", 1)


def test_alternatives_have_room_for_all_stays_alike(sea: Property) -> None:
    make_booking(hotel=sea)

    offered = alternatives(sea, *[make_stay(hotel=sea)] * 2)

    assert [(code, rooms) for code, _, _, rooms in offered] == [("DBL", 2)] * 4


def test_yesterday_is_no_alternative_for_a_caller_who_still_sees_it(sea: Property, time_machine: Any) -> None:
    time_machine.move_to("2026-03-15 12:00+01:00")
    seen_yesterday = Property.objects.get(pk=sea.pk)
    today = business_date_roll(hotel=sea)
    make_booking(hotel=today, rooms=2)

    offered = alternatives(seen_yesterday, make_stay(hotel=today))

    assert {arrival for _, arrival, _, _ in offered} == {f"2026-03-{day}" for day in (15, 16, 17, 18, 22)}


def test_alternatives_are_read_at_once(sea: Property, django_assert_max_num_queries: Any) -> None:
    make_booking(hotel=sea, rooms=2)
    plan, double = RatePlan.objects.get(property=sea, code="BAR"), kind(sea, "DBL").pk

    with django_assert_max_num_queries(6):
        found = alternatives_of(
            hotel=sea,
            arrival=sea.business_date,
            departure=after(sea, 2),
            party=Party(1),
            wanted=double,
            plan=plan,
        )
    assert len(found) == 6


def test_every_alternative_can_be_booked(sea: Property) -> None:
    make_booking(hotel=sea, rooms=2)
    stay = make_stay(hotel=sea)
    offered = refused(sea, NotAvailable, stay).facts["alternatives"]

    for one in offered:
        arrival, departure = dt.date.fromisoformat(one["arrival"]), dt.date.fromisoformat(one["departure"])
        instead = replace(stay, room_type_id=one["room_type"], arrival=arrival, departure=departure)
        booking = booking_create(hotel=sea, booker=SOMEBODY, stays=[instead])
        assert booking.reservations.get().total == Decimal(one["total"])
