"""The last room: one of twenty callers gets it, the rest are told so; without the guard the damage shows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from properties.models import Property
from reservations.drafts import ExternalRef
from reservations.models import Booking, Reservation, RoomTypeNight
from reservations.services import bookings
from reservations.services.inventory import Left, Move
from reservations.services.stays import reservation_cancel
from tests.concurrency.reservations.selling import (
    assert_counts_are_right,
    deadlocks,
    doubles,
    names,
    repeated,
    selling_hotel,
)
from tests.domain.reservations.given import left
from tests.factories.reservations import make_booking
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CALLERS, ROUNDS = 20, 10


@pytest.fixture
def full_but_one() -> Property:
    """A hotel of two doubles, one of them sold for three nights."""
    hotel = selling_hotel([doubles(2)])
    make_booking(hotel=hotel, nights=3)
    return hotel


@pytest.mark.slow
def test_the_last_room_goes_to_one_of_twenty(full_but_one: Property) -> None:
    hotel, before = full_but_one, deadlocks()

    for _ in range(ROUNDS):
        results = together(*repeated(lambda: make_booking(hotel=hotel, nights=3), CALLERS))

        assert Counter(names(results)) == {"ok": 1, "NotAvailable": CALLERS - 1}
        assert left(hotel, "DBL") == 0
        winner = next(result for result in results if isinstance(result, Booking))
        reservation_cancel(hotel=hotel, reservation_id=winner.reservations.get().pk, reason="next round")
    assert deadlocks() == before
    assert Booking.objects.count() == 1 + ROUNDS
    assert_counts_are_right(hotel)


def test_control_a_look_before_the_sale_sells_one_room_twice(
    full_but_one: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: read the counter, judge in Python, write it back."""
    hotel = full_but_one
    monkeypatch.setattr(bookings, "inventory_move", naive_move)

    results = together(*repeated(lambda: make_booking(hotel=hotel), 6))

    assert names(results).count("ok") > 1
    assert Reservation.objects.filter(property=hotel, arrival=hotel.business_date).count() > 2


def naive_move(*, hotel: Property, moves: list[Move], forced: bool = False) -> Left:
    """Sell without a lock and without the statement that judges; the CHECK sees nothing, since writes are lost."""
    seen = {}
    for move in moves:
        for kind in (move.room_type_id, None):
            row = RoomTypeNight.objects.get(property=hotel, room_type_id=kind, night=move.night)
            if row.available < move.by:
                raise bookings.NotAvailable(room_type=kind, night=move.night)
            seen[kind, move.night] = row
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")  # the time in which others look
    for row in seen.values():
        row.sold += 1
        row.save()
    return {key: row.available for key, row in seen.items()}


def test_the_check_stands_behind_a_broken_guard(full_but_one: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the guard judges nothing, steps that are added up meet the constraint."""
    hotel = full_but_one

    def blind(*, hotel: Property, moves: list[Move], forced: bool = False) -> Left:
        with connection.cursor() as cursor:
            for move in sorted(moves, key=lambda move: move.night):
                for kind in (move.room_type_id, None):
                    cursor.execute(
                        "UPDATE reservations_roomtypenight SET sold = sold + 1"
                        " WHERE property_id = %s AND night = %s AND room_type_id IS NOT DISTINCT FROM %s",
                        [hotel.pk, move.night, kind],
                    )
        return {(kind, move.night): 0 for move in moves for kind in (move.room_type_id, None)}

    monkeypatch.setattr(bookings, "inventory_move", blind)

    results = together(*repeated(lambda: make_booking(hotel=hotel), 6))

    assert Counter(names(results)) == {"ok": 1, "IntegrityError": 5}
    assert left(hotel, "DBL") == 0


@pytest.mark.parametrize("rooms", [1, 2])
def test_one_external_booking_sent_twice_at_once_is_booked_once(rooms: int) -> None:
    """Also for the last room: the second must hear "booked already", never "sold out"."""
    hotel = selling_hotel([doubles(rooms)])
    for number in range(3):
        ref = ExternalRef("partner", f"P-{number}")
        send: Callable[[], Any] = lambda ref=ref: make_booking(hotel=hotel, external_ref=ref)  # noqa: E731

        results = together(*repeated(send, 4))

        assert Counter(names(results)) == {"ok": 1, "BookedAlready": 3}
        stay = Reservation.objects.get(booking__external_id=ref.id)
        reservation_cancel(hotel=hotel, reservation_id=stay.pk, reason="next round")
    assert_counts_are_right(hotel)


def test_control_without_the_second_look_a_repeat_is_told_sold_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = selling_hotel([doubles(1)])
    monkeypatch.setattr(bookings, "_refuse_known", lambda *_: None)
    ref = ExternalRef("partner", "P-1")

    results = together(*repeated(lambda: make_booking(hotel=hotel, external_ref=ref), 4))

    assert Counter(names(results)) == {"ok": 1, "NotAvailable": 3}


def test_a_stay_cancelled_by_four_at_once_gives_back_one_room() -> None:
    hotel = selling_hotel([doubles(2)])
    for _ in range(3):
        stay = make_booking(hotel=hotel, nights=2).reservations.get()

        results = together(
            *repeated(lambda pk=stay.pk: reservation_cancel(hotel=hotel, reservation_id=pk, reason=""), 4)  # type: ignore[misc]
        )

        assert Counter(names(results)) == {"ok": 1, "WrongState": 3}
        assert_counts_are_right(hotel)
    assert left(hotel, "DBL") == 2


def test_another_hotel_sells_while_one_is_held(full_but_one: Property) -> None:
    """Somebody holds the stock for a minute: callers hear so within seconds, other hotels notice nothing."""
    hotel, other = full_but_one, selling_hotel([doubles(8)], code="OTH")

    def timed(book: Callable[[], Any]) -> tuple[str, float]:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")  # as web processes have it
        begin = time.monotonic()
        try:
            book()
        except Exception as error:
            return names([error])[0], time.monotonic() - begin
        return "ok", time.monotonic() - begin

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"inventory:{hotel.pk}"])
        stay = Reservation.objects.get(property=hotel).pk
        results = together(
            lambda: timed(lambda: make_booking(hotel=hotel)),
            lambda: timed(lambda: reservation_cancel(hotel=hotel, reservation_id=stay, reason="")),
            *repeated(lambda: timed(lambda: make_booking(hotel=other)), 4),
        )

    assert [name for name, _ in results] == ["Busy", "Busy", "ok", "ok", "ok", "ok"]
    assert all(2.5 < seconds < 4.5 for _, seconds in results[:2])
    assert all(seconds < 2.5 for _, seconds in results[2:])
    assert Booking.objects.filter(property=hotel).count() == 1
