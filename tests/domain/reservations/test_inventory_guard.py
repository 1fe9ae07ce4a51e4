"""The guard: what may be taken, what is always given back, and what stands behind it when somebody goes around it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from pms.core.db_errors import sqlstate
from pms.core.locks import OutsideTransaction
from properties.models import Property
from reservations.errors import NightNotOpen, NotAvailable
from reservations.models import RoomTypeNight
from reservations.selectors.offers import rooms_left
from reservations.services.inventory import Move, inventory_move
from tests.domain.reservations.given import after, counter, happened, kind, left, lefts, nothing_changed

ALL = ("SGL", "DBL", "SUI", None)


@transaction.atomic
def move(hotel: Property, *steps: tuple[str | None, int] | tuple[str | None, int, str], **options: Any) -> Any:
    """Move counters of the business date: (type code or None, by[, part])."""
    nights = options.pop("nights", [0])
    moves = [
        Move(kind(hotel, step[0]).pk if step[0] else None, after(hotel, night), step[1], *step[2:])  # type: ignore[arg-type]
        for step in steps
        for night in nights
    ]
    return inventory_move(hotel=hotel, moves=moves, **options)


def forced(hotel: Property, *codes: str | None) -> list[int]:
    return [counter(hotel, code).forced for code in codes]


def test_what_is_sold_leaves_the_type_and_the_house_and_comes_back(sea: Property) -> None:
    assert lefts(sea, *ALL) == [1, 2, 1, 4]

    told = move(sea, ("DBL", 2))
    assert lefts(sea, *ALL) == [1, 0, 1, 2]
    assert told == {(kind(sea, "DBL").pk, sea.business_date): 0, (None, sea.business_date): 2}

    move(sea, ("DBL", -2))
    assert lefts(sea, *ALL) == [1, 2, 1, 4]
    assert forced(sea, *ALL) == [0, 0, 0, 0]


def test_the_last_room_is_sold_once(sea: Property) -> None:
    move(sea, ("DBL", 2))

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        move(sea, ("DBL", 1))
    assert refusal.value.facts == {
        "room_type": str(kind(sea, "DBL").pk),
        "night": "2026-03-14",
        "alternatives": [],
    }


def test_many_types_and_nights_are_all_taken_or_none(sea: Property) -> None:
    move(sea, ("SUI", 1), nights=[3])

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        move(sea, ("DBL", 2), ("SGL", 1), ("SUI", 1), nights=[0, 1, 2, 3])
    assert refusal.value.facts["night"] == "2026-03-17"
    assert refusal.value.facts["room_type"] == str(kind(sea, "SUI").pk)

    move(sea, ("DBL", 2), ("SGL", 1), ("SUI", 1), nights=[0, 1, 2])
    assert [lefts(sea, *ALL, night=after(sea, day)) for day in range(4)] == [[0, 0, 0, 0]] * 3 + [[1, 2, 0, 3]]


def test_the_forced_door_raises_forced_only_by_what_is_missing(sea: Property) -> None:
    move(sea, ("DBL", 1), forced=True)
    assert forced(sea, "DBL", None) == [0, 0]

    move(sea, ("DBL", 3), forced=True)
    assert (forced(sea, "DBL", None), lefts(sea, "DBL", None)) == ([2, 0], [-2, 0])

    move(sea, ("SGL", 1), forced=True)
    assert (forced(sea, "SGL", None), lefts(sea, "SGL", None)) == ([0, 1], [0, -1])


def test_every_release_lowers_forced_first(sea: Property) -> None:
    move(sea, ("DBL", 4), forced=True)

    seen = []
    for _ in range(4):
        move(sea, ("DBL", -1))
        seen.append((counter(sea, "DBL").forced, left(sea, "DBL")))
    assert seen == [(1, -1), (0, 0), (0, 1), (0, 2)]


def test_an_oversold_type_sells_nothing_more_and_gives_back_without_a_check(sea: Property) -> None:
    move(sea, ("DBL", 4), forced=True)
    move(sea, ("DBL", -1))

    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", 1))


def test_a_release_that_is_still_oversold_afterwards_passes(sea: Property) -> None:
    move(sea, ("DBL", 5), forced=True)

    told = move(sea, ("DBL", -1))

    assert told[kind(sea, "DBL").pk, sea.business_date] == -2


def test_a_change_of_type_in_an_oversold_house_is_judged_by_the_types_alone(sea: Property) -> None:
    move(sea, ("DBL", 4), forced=True)
    move(sea, ("SGL", 1), forced=True)
    assert left(sea, None) == -1

    move(sea, ("DBL", -1), ("SUI", 1))

    assert lefts(sea, *ALL) == [0, -1, 0, -1]
    assert forced(sea, *ALL) == [0, 1, 0, 1]


def test_a_positive_limit_sells_beyond_the_rooms_and_no_further(sea: Property) -> None:
    move(sea, ("DBL", 1, "limit"), (None, 1, "limit"))

    move(sea, ("DBL", 3))

    assert (left(sea, "DBL"), forced(sea, "DBL", None)) == (0, [0, 0])
    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", 1))


def test_a_negative_limit_keeps_rooms_back(sea: Property) -> None:
    move(sea, ("DBL", -1, "limit"))

    move(sea, ("DBL", 1))

    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", 1))


def test_a_limit_lowered_below_what_is_sold_needs_the_forced_door(sea: Property) -> None:
    move(sea, ("DBL", 2))

    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", -1, "limit"))

    move(sea, ("DBL", -1, "limit"), forced=True)
    assert (left(sea, "DBL"), forced(sea, "DBL", None)) == (-1, [1, 0])
    move(sea, ("DBL", 1, "limit"))
    assert forced(sea, "DBL", None) == [0, 0]


def test_the_limit_of_a_type_is_not_the_limit_of_the_house(sea: Property) -> None:
    move(sea, ("DBL", 5, "limit"))
    assert lefts(sea, "DBL", None) == [7, 4]

    move(sea, ("DBL", 4))

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        move(sea, ("DBL", 1))
    assert refusal.value.facts["room_type"] is None


def test_an_undersold_house_refuses_although_the_type_is_free(sea: Property) -> None:
    move(sea, (None, -3, "limit"))
    move(sea, ("DBL", 1))

    with nothing_changed(), pytest.raises(NotAvailable) as refusal:
        move(sea, ("SUI", 1))
    assert refusal.value.facts["room_type"] is None
    assert lefts(sea, *ALL) == [1, 1, 1, 0]
    departure = sea.business_date + dt.timedelta(days=1)
    assert set(rooms_left(hotel=sea, arrival=sea.business_date, departure=departure).values()) == {0}


def test_an_unmapped_booking_stands_on_the_house_row_alone(sea: Property) -> None:
    move(sea, (None, 3))
    assert lefts(sea, *ALL) == [1, 2, 1, 1]

    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", 2))
    move(sea, (None, 2), forced=True)
    assert (left(sea, None), forced(sea, *ALL)) == (-1, [0, 0, 0, 1])

    # Mapped later, it takes its type's counter along and leaves the house as it is.
    move(sea, (None, -1), ("SUI", 1))
    assert (lefts(sea, *ALL), forced(sea, *ALL)) == ([1, 2, 0, -1], [0, 0, 0, 1])


def test_a_night_that_is_not_open_is_refused_forced_or_not(sea: Property) -> None:
    for is_forced in (False, True):
        with nothing_changed(), pytest.raises(NightNotOpen) as refusal:
            move(sea, ("DBL", 1), nights=[59, 60, 61], forced=is_forced)
        assert refusal.value.facts == {"night": "2026-05-14"}


def test_fewer_rooms_than_are_sold_are_refused(sea: Property) -> None:
    move(sea, ("DBL", 2))

    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", -1, "physical"))
    with nothing_changed(), pytest.raises(NotAvailable):
        move(sea, ("DBL", 1, "out_of_order"))
    move(sea, ("DBL", 1, "physical"))
    move(sea, ("DBL", 1, "out_of_order"))
    assert lefts(sea, "DBL", None) == [0, 2]


@pytest.mark.parametrize("part", ["sold", "block", "hold", "out_of_order"])
def test_every_part_takes_from_the_same_rooms(sea: Property, part: str) -> None:
    move(sea, ("DBL", 2, part))

    assert lefts(sea, "DBL", None) == [0, 2]
    with pytest.raises(NotAvailable):
        move(sea, ("DBL", 1))


@pytest.mark.parametrize("part", ["sold", "block", "hold", "out_of_order", "physical"])
def test_no_part_falls_below_zero(sea: Property, part: str) -> None:
    with nothing_changed(), pytest.raises(IntegrityError) as fault:
        move(sea, ("DBL", -3, part), forced=True)
    assert sqlstate(fault.value) == "23514"


@pytest.mark.parametrize("values", [{"sold": 3}, {"physical": -1}, {"limit": -3}, {"block": 5}, {"forced": -1}])
def test_the_table_itself_refuses_what_goes_around_the_guard(sea: Property, values: dict[str, int]) -> None:
    rows = RoomTypeNight.objects.filter(property=sea, room_type__code="DBL", night=sea.business_date)

    with nothing_changed(), pytest.raises(IntegrityError) as fault, transaction.atomic():
        rows.update(**values)
    assert sqlstate(fault.value) == "23514"


def test_a_second_counter_for_the_same_night_is_refused_also_for_the_house(sea: Property) -> None:
    for code in ("DBL", None):
        with pytest.raises(IntegrityError) as fault, transaction.atomic():
            RoomTypeNight.objects.create(
                property=sea, room_type=kind(sea, code) if code else None, night=sea.business_date, physical=9
            )
        assert sqlstate(fault.value) == "23505"


def test_other_hotels_are_never_touched(sea: Property, lake: Property) -> None:
    before = list(RoomTypeNight.objects.filter(property=lake).values_list())
    move(sea, ("DBL", 2))

    assert list(RoomTypeNight.objects.filter(property=lake).values_list()) == before


def test_a_move_tells_the_types_and_the_nights_it_touched(sea: Property) -> None:
    move(sea, ("DBL", 1), ("SUI", 1), nights=[2, 0, 5])

    [event] = happened("availability.moved")
    assert event.payload == {
        "changes": {},
        "room_type_ids": sorted(str(kind(sea, code).pk) for code in ("DBL", "SUI")),
        "first": "2026-03-14",
        "last": "2026-03-19",
    }


def test_a_move_of_nothing_is_no_news(sea: Property) -> None:
    with nothing_changed():
        assert move(sea, ("DBL", 0)) == {}


@pytest.mark.django_db(transaction=True)
def test_the_guard_works_only_inside_a_transaction(sea: Property) -> None:
    with pytest.raises(OutsideTransaction):
        inventory_move(hotel=sea, moves=[Move(kind(sea, "DBL").pk, sea.business_date, 1)])
    assert left(sea, "DBL") == 2
