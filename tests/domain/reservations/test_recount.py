"""The recount finds a planted error in any part, and nothing where nothing is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from properties.models import Property
from properties.services import business_date_roll, room_archive
from reservations.models import ReservationNight, RoomTypeNight
from reservations.selectors.recount import Drift, recount
from reservations.services.stays import reservation_assign_room, reservation_cancel
from tests.domain.reservations.given import after, kind, room
from tests.factories.properties import make_room
from tests.factories.reservations import make_booking, make_reservation


def plant(hotel: Property, code: str, **values: int) -> None:
    """Write to a counter behind the guard's back."""
    RoomTypeNight.objects.filter(property=hotel, night=hotel.business_date, room_type__code=code).update(**values)


def test_counters_moved_by_the_services_show_no_drift(sea: Property) -> None:
    upgraded = make_reservation(hotel=sea, nights=3)
    reservation_assign_room(hotel=sea, reservation_id=upgraded.pk, room_id=room(sea, "501").pk)
    cancelled = make_reservation(hotel=sea, nights=5, room_type="SGL")
    reservation_cancel(hotel=sea, reservation_id=cancelled.pk, reason="ill")
    make_booking(hotel=sea, rooms=3, forced=True)
    room_archive(room_id=make_room(hotel=sea).pk)

    assert recount(sea) == []


@pytest.mark.parametrize(
    ("planted", "drift"),
    [
        ({"sold": 1}, [("sold", 1, 0)]),
        ({"physical": 3}, [("physical", 3, 2)]),
        ({"forced": 2}, [("forced", 2, 0)]),
        ({"physical": 5, "sold": 2}, [("physical", 5, 2), ("sold", 2, 0)]),
    ],
)
def test_a_planted_drift_is_found_in_its_cell(
    sea: Property, planted: dict[str, int], drift: list[tuple[str, int, int]]
) -> None:
    plant(sea, "DBL", **planted)

    assert recount(sea) == [Drift(kind(sea, "DBL").pk, sea.business_date, *found) for found in drift]


def test_a_night_that_lost_its_stay_is_found_on_the_type_and_on_the_house(sea: Property) -> None:
    reservation = make_reservation(hotel=sea)
    ReservationNight.objects.filter(reservation=reservation).update(counted=False)

    night = sea.business_date
    assert recount(sea) == [Drift(kind(sea, "DBL").pk, night, "sold", 1, 0), Drift(None, night, "sold", 1, 0)]


def test_a_counted_night_without_a_counter_is_found(sea: Property) -> None:
    reservation = make_reservation(hotel=sea, arrival=after(sea, 2))
    RoomTypeNight.objects.filter(property=sea, night=after(sea, 2)).delete()

    assert [(found.part, found.stored, found.counted) for found in recount(sea)] == [
        ("physical", 0, 2),
        ("sold", 0, 1),
        ("physical", 0, 4),
        ("sold", 0, 1),
    ]
    assert reservation.nights.count() == 1


def test_a_cancelled_stay_that_still_counts_is_found(sea: Property) -> None:
    reservation = make_reservation(hotel=sea)
    reservation_cancel(hotel=sea, reservation_id=reservation.pk, reason="")
    ReservationNight.objects.filter(reservation=reservation).update(counted=True)
    plant(sea, "DBL", sold=1)

    assert [(found.part, found.stored, found.counted) for found in recount(sea)] == [("sold", 1, 0)]


def test_past_nights_keep_the_rooms_they_had(sea: Property, time_machine: Any) -> None:
    time_machine.move_to("2026-03-15 12:00+01:00")
    sea = business_date_roll(hotel=sea)
    room_archive(room_id=room(sea, "102").pk)

    assert recount(sea) == []
    assert RoomTypeNight.objects.get(property=sea, room_type=None, night="2026-03-14").physical == 4
    assert RoomTypeNight.objects.get(property=sea, room_type=None, night="2026-03-15").physical == 3


def test_the_recount_looks_at_one_hotel_only(sea: Property, lake: Property) -> None:
    plant(lake, "DBL", sold=1)

    assert recount(sea) == []
    assert len(recount(lake)) == 1
