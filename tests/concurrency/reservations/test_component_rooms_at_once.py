"""A suite and one of its parts, sold or given out by two terminals at the same moment: exactly one of them has it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import reservations
from properties.models import Property
from properties.services import room_change
from properties.services.setup import RoomPlan
from reservations.models import Reservation, RoomAssignment
from reservations.services import assignments, stays
from reservations.services.day import day_held_open
from reservations.services.stays import reservation_assign_room, reservation_unassign_room
from tests.concurrency.reservations.selling import assert_counts_are_right, deadlocks, doubles, names, selling_hotel
from tests.domain.reservations.given import after, lefts, room
from tests.factories.reservations import make_booking, make_reservation
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 12
FUNCTIONS = (Path(reservations.__file__).parent / "sql" / "component_rooms.sql").read_text(encoding="utf-8")


def suite_of_two() -> Property:
    """Return a hotel of two doubles that are sold as one suite as well."""
    suite = RoomPlan(code="SUI", name="Suite", numbers=["S1"], max_adults=4)
    hotel = selling_hotel([doubles(2), suite], nights=ROUNDS + 1)
    parts = [room(hotel, number).pk for number in ("101", "102")]
    room_change(room_id=room(hotel, "S1").pk, values={"parts": parts})
    return hotel


def selling(hotel: Property, code: str, night: int) -> Callable[[], Any]:
    return lambda: make_booking(hotel=hotel, room_type=code, arrival=after(hotel, night))


def test_of_the_suite_and_its_part_exactly_one_is_sold_each_night() -> None:
    hotel = suite_of_two()
    before = deadlocks()

    for night in range(ROUNDS):
        results = together(selling(hotel, "SUI", night), selling(hotel, "DBL", night))
        assert names(results) == ["NotAvailable", "ok"]

    assert deadlocks() == before
    assert_counts_are_right(hotel)


@contextmanager
def nothing_bound() -> Iterator[None]:
    """Let the database believe that no room takes anything from its parts."""
    rest = FUNCTIONS.partition("CREATE FUNCTION inventory_bound")[2]
    real = "CREATE OR REPLACE FUNCTION inventory_bound" + rest.partition("-- Brings `bound`")[0]
    begin, end = real.index("BEGIN"), real.rindex("END;")
    with connection.cursor() as cursor:
        cursor.execute(real[: begin + len("BEGIN")] + " RETURN; " + real[end:])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(real)


def test_control_without_the_bound_rooms_suite_and_part_are_both_sold() -> None:
    hotel = suite_of_two()

    with nothing_bound():
        results = together(selling(hotel, "SUI", 0), selling(hotel, "DBL", 0))

    assert names(results) == ["ok", "ok"]
    sold = Reservation.objects.filter(property=hotel).values_list("room_type__code", flat=True)
    assert sorted(sold) == ["DBL", "SUI"]  # three beds of two


def assigning(hotel: Property, stay: Reservation, number: str) -> Callable[[], Any]:
    key = room(hotel, number).pk
    return lambda: reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=key)


def two_stays(hotel: Property) -> tuple[Reservation, Reservation]:
    """Return a stay for the suite, made of two doubles out of four, and one for a double."""
    return make_reservation(hotel=hotel, room_type="SUI"), make_reservation(hotel=hotel, room_type="DBL")


def roomy() -> Property:
    """Return a hotel in which the types have rooms enough, so that only the rooms themselves are fought for."""
    suites = RoomPlan(code="SUI", name="Suite", numbers=["S1", "501"], max_adults=4)
    hotel = selling_hotel([doubles(6), suites], nights=3)
    parts = [room(hotel, number).pk for number in ("101", "102")]
    room_change(room_id=room(hotel, "S1").pk, values={"parts": parts})
    return hotel


def holders(hotel: Property) -> int:
    """Return how many stays hold the suite or its first part."""
    held = RoomAssignment.objects.filter(property=hotel, active=True, room__number__in=["S1", "101"])
    return held.values("reservation_id").distinct().count()


def test_of_the_suite_and_its_part_exactly_one_is_given_out() -> None:
    hotel = roomy()
    suite, double = two_stays(hotel)
    before = deadlocks()

    for _ in range(ROUNDS):
        results = together(assigning(hotel, suite, "S1"), assigning(hotel, double, "101"))
        assert names(results) == ["RoomTaken", "ok"]
        assert holders(hotel) == 1
        for stay in (suite, double):
            reservation_unassign_room(hotel=hotel, reservation_id=stay.pk)

    assert deadlocks() == before
    assert lefts(hotel, "SUI", "DBL", None) == [1, 5, 5]
    assert_counts_are_right(hotel)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let assignments work without any lock, with time for the other between look and write."""
    monkeypatch.setattr(stays, "stock_held", day_held_open)
    monkeypatch.setattr(stays, "room_locked_for_update", stays.room_seen)
    monkeypatch.setattr(assignments, "family_recounted", lambda **_facts: None)
    look = stays._refuse_taken

    def look_slowly(*about: Any) -> None:
        look(*about)
        time.sleep(0.3)

    monkeypatch.setattr(stays, "_refuse_taken", look_slowly)


def test_without_locks_the_rows_of_the_parts_keep_the_second_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = roomy()
    suite, double = two_stays(hotel)
    unlocked(monkeypatch)

    results = together(assigning(hotel, suite, "S1"), assigning(hotel, double, "101"))

    assert Counter(names(results))["ok"] == 1
    assert holders(hotel) == 1


def test_control_without_those_rows_the_suite_and_its_part_are_both_given(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = roomy()
    suite, double = two_stays(hotel)
    unlocked(monkeypatch)
    monkeypatch.setattr(assignments, "_parts_written", lambda _planned: None)

    results = together(assigning(hotel, suite, "S1"), assigning(hotel, double, "101"))

    assert names(results) == ["ok", "ok"]
    assert holders(hotel) == 2
