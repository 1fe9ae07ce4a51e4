"""Which pieces hear of which change: whatever a page shows must be touched when it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.models import Property, Room
from properties.services import room_change, room_mark, room_type_change
from properties.services.business_day import business_date_roll
from reservations.models import Reservation
from reservations.seed_busy import busy_house
from reservations.selectors.today import day_counts, day_lists, day_work, figures_of
from reservations.services.front_desk import reservation_check_in, reservation_check_out
from reservations.services.stays import reservation_assign_room, reservation_cancel
from tests.factories.reservations import make_reservation, open_for_sale


def touched_by(act: Callable[[], object]) -> set[str]:
    """Return the pieces that are told of what `act` does."""
    before = set(StreamEvent.objects.values_list("pk", flat=True))
    act()
    return {piece for event in StreamEvent.objects.exclude(pk__in=before) for piece in event.touches}


def room(hotel: Property, number: str) -> Room:
    """Return a room of the hotel."""
    return Room.objects.get(property=hotel, number=number)


def assign(hotel: Property, stay: Reservation, number: str) -> None:
    """Plan the stay into a room."""
    reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room(hotel, number).pk)


@pytest.fixture
def stay(sea: Property) -> Reservation:
    """A stay that arrives today, planned into 101."""
    made = make_reservation(hotel=sea)
    assign(sea, made, "101")
    return made


def test_another_room_touches_the_stay_and_both_rooms(sea: Property, stay: Reservation) -> None:
    pieces = touched_by(lambda: assign(sea, stay, "102"))

    assert {f"arrival_row:{stay.pk}", f"reservation_head:{stay.pk}", f"stay_card:{stay.pk}"} <= pieces
    assert {f"room_cell:{room(sea, '101').pk}", f"room_cell:{room(sea, '102').pk}"} <= pieces
    assert f"day_figures:{sea.pk}" in pieces


def test_a_room_marked_dirty_touches_who_arrives_into_it(sea: Property, stay: Reservation) -> None:
    other = make_reservation(hotel=sea)

    pieces = touched_by(lambda: room_mark(room_id=room(sea, "101").pk, condition="dirty"))

    assert {f"arrival_row:{stay.pk}", f"reservation_row:{stay.pk}", f"day_figures:{sea.pk}"} <= pieces
    assert f"arrival_row:{other.pk}" not in pieces


def test_a_new_name_touches_every_stay_of_the_guest(sea: Property, stay: Reservation) -> None:
    def rename() -> None:
        stay.guest.last_name = "Falk"
        stay.guest.save()

    assert {f"arrival_row:{stay.pk}", f"guest_card:{stay.pk}", f"work_item:{stay.pk}"} <= touched_by(rename)


def test_a_cancellation_touches_the_room_it_frees(sea: Property, stay: Reservation) -> None:
    pieces = touched_by(lambda: reservation_cancel(hotel=sea, reservation_id=stay.pk, reason="Ill"))

    assert {f"room_cell:{room(sea, '101').pk}", f"history_card:{stay.pk}"} <= pieces


def test_a_new_business_date_touches_who_is_due(sea: Property, stay: Reservation) -> None:
    later = make_reservation(hotel=sea, arrival=sea.business_date.replace(day=20))

    pieces = touched_by(lambda: business_date_roll(hotel=sea))

    assert {f"arrival_row:{stay.pk}", f"day_figures:{sea.pk}"} <= pieces
    assert f"arrival_row:{later.pk}" not in pieces


def test_a_new_business_date_touches_the_cells_of_rooms_planned_for_it(sea: Property, stay: Reservation) -> None:
    tomorrow, later = (sea.business_date + dt.timedelta(days=days) for days in (1, 9))
    assign(sea, make_reservation(hotel=sea, arrival=tomorrow), "102")
    assign(sea, make_reservation(hotel=sea, room_type="SGL", arrival=later), "201")

    pieces = touched_by(lambda: business_date_roll(hotel=sea))

    assert f"room_cell:{room(sea, '102').pk}" in pieces
    assert f"room_cell:{room(sea, '201').pk}" not in pieces


def test_a_new_number_touches_also_who_left_and_a_mark_does_not(sea: Property, stay: Reservation) -> None:
    here = room(sea, "101")
    reservation_check_in(hotel=sea, reservation_id=stay.pk)
    business_date_roll(hotel=sea)
    reservation_check_out(hotel=sea, reservation_id=stay.pk)
    for _ in range(2):
        business_date_roll(hotel=sea)
    shown = {f"reservation_row:{stay.pk}", f"reservation_head:{stay.pk}", f"stay_card:{stay.pk}"}

    assert not shown & touched_by(lambda: room_mark(room_id=here.pk, condition="touch_up"))
    assert shown <= touched_by(lambda: room_change(room_id=here.pk, values={"number": "111"}))


def test_a_renamed_type_touches_its_rooms_and_its_stays(sea: Property, stay: Reservation) -> None:
    other = make_reservation(hotel=sea, room_type="SUI")
    kind = stay.room_type_id

    pieces = touched_by(lambda: room_type_change(room_type_id=kind, values={"name": "Grand double"}))

    assert {f"work_item:{stay.pk}", f"stay_card:{stay.pk}", f"room_cell:{room(sea, '102').pk}"} <= pieces
    assert f"stay_card:{other.pk}" not in pieces and f"room_cell:{room(sea, '501').pk}" not in pieces


@pytest.mark.slow
def test_the_busy_house_has_something_of_everything(trial_hotel: Property) -> None:
    today = trial_hotel.business_date
    busy_house(open_for_sale(trial_hotel, nights=30))

    hotel = Property.objects.get(pk=trial_hotel.pk)
    audience = Audience(hotel.pk, frozenset())
    lists, figures = day_lists(hotel, audience), figures_of(hotel)
    assert hotel.business_date == today
    counts = day_counts([hotel.pk], audience)[hotel.pk]
    assert len(lists.arrivals) + counts.arrived == 14
    assert len(lists.departures) >= 4
    assert len(lists.in_house) >= 15
    assert figures.sold == len(lists.arrivals) + len(lists.in_house)
    assert {item.what for item in day_work(hotel, audience)} == {"overbooked", "unassigned"}
