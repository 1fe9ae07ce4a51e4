"""What a card tells of the guests of its room, and which cards a changed stay touches."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from housekeeping.selectors import Closed, RoomFacts, room_facts
from pms.events.models import StreamEvent
from properties.models import Property, Room
from properties.services.business_day import business_date_roll
from reservations.models import OutOfOrder, Reservation
from reservations.services.front_desk import reservation_check_out
from reservations.services.out_of_order import out_of_order_end, out_of_order_set
from reservations.services.stays import reservation_assign_room, reservation_cancel
from tests.factories.housekeeping import days, expected_in, fresh, guest_in
from tests.factories.reservations import open_for_sale


@pytest.fixture
def room(hotel: Property) -> Room:
    """Room 101 of SEA, which is open for sale."""
    open_for_sale(hotel)
    return Room.objects.select_related("property", "room_type").get(property=hotel, number="101")


def facts(room: Room, *, names: bool = True) -> RoomFacts | None:
    return room_facts([room.pk], room.property_id, names=names).get(room.pk)


def touched_by(stay: Reservation) -> set[str]:
    """Return the cards that the last news of the stay touches."""
    news = StreamEvent.objects.filter(kind="changed", object_id=stay.pk).order_by("-id")[0]
    return {topic for topic in news.touches if "room_card" in topic}


def test_a_room_without_a_stay_has_no_facts(room: Room) -> None:
    assert facts(room) is None


def test_an_arrival_of_today_is_announced(room: Room) -> None:
    expected_in(room, adults=2, name="Helene Brandt")

    known = facts(room)

    assert known is not None and known.comes is not None
    assert (known.comes.people, known.comes.guest, known.comes.late) == (2, "Helene Brandt", False)
    assert (known.stays, known.leaves, str(known.check_in_time)) == (None, None, "15:00:00")


def test_an_arrival_of_tomorrow_is_not_yet(room: Room) -> None:
    expected_in(room, arrival=days(room.property, 1))

    assert facts(room) is None


def test_nobody_is_named_without_the_right(room: Room) -> None:
    expected_in(room, name="Helene Brandt")

    assert "Brandt" not in repr(facts(room, names=False))


@time_machine.travel("2026-03-17T12:00:00+01:00")
def test_a_guest_arrives_stays_over_is_due_out_and_late(room: Room) -> None:
    guest_in(room, nights=2)
    seen = []
    for _day in range(4):
        known = facts(room)
        assert known is not None
        late = known.leaves.late if known.leaves else None
        seen.append((known.moved_in, known.stays is not None, late))
        business_date_roll(hotel=fresh(room.property))

    assert seen == [(True, True, None), (False, True, None), (False, False, False), (False, False, True)]


@time_machine.travel("2026-03-15T12:00:00+01:00")
def test_on_a_turnover_day_both_are_told(room: Room) -> None:
    guest_in(room, nights=1, name="Anna Alt")
    business_date_roll(hotel=fresh(room.property))
    expected_in(room, name="Nora Neu")

    known = facts(room)

    assert known is not None and known.leaves is not None and known.comes is not None
    assert (known.leaves.guest, known.comes.guest) == ("Anna Alt", "Nora Neu")


@time_machine.travel("2026-03-15T12:00:00+01:00")
def test_who_did_not_come_yesterday_is_still_expected(room: Room) -> None:
    expected_in(room)
    business_date_roll(hotel=fresh(room.property))

    known = facts(room)

    assert known is not None and known.comes is not None and known.comes.late


def test_a_cancelled_stay_leaves_no_facts(room: Room) -> None:
    stay = expected_in(room)
    reservation_cancel(hotel=room.property, reservation_id=stay.pk, reason="ill")

    assert facts(room) is None


def test_a_guest_who_left_leaves_no_facts(room: Room) -> None:
    stay = guest_in(room)
    reservation_check_out(
        hotel=room.property, reservation_id=stay.pk, accepted={"early_departure", "folio_not_settled"}
    )

    assert facts(room) is None


def test_another_hotel_learns_nothing(room: Room, other_hotel: Property) -> None:
    expected_in(room)

    assert room_facts([room.pk], other_hotel.pk, names=True) == {}


def test_facts_cost_two_queries(room: Room, django_assert_num_queries: object) -> None:
    expected_in(room)
    rooms = list(Room.objects.filter(property=room.property).values_list("pk", flat=True))

    with django_assert_num_queries(2):  # type: ignore[operator]
        room_facts(rooms, room.property_id, names=True)


def test_a_changed_stay_touches_the_cards_of_its_room(room: Room) -> None:
    stay = guest_in(room)

    assert touched_by(stay) == {f"room_card:{room.pk}", f"my_room_card:{room.pk}"}


def test_a_stay_given_another_room_touches_both(room: Room) -> None:
    stay = expected_in(room)
    other = Room.objects.get(property=room.property, number="102")
    before = StreamEvent.objects.order_by("-id")[0].pk

    reservation_assign_room(hotel=room.property, reservation_id=stay.pk, room_id=other.pk)

    topics = {topic for event in StreamEvent.objects.filter(pk__gt=before) for topic in event.touches}
    assert {f"my_room_card:{room.pk}", f"my_room_card:{other.pk}", f"room_card:{room.pk}"} <= topics


@time_machine.travel("2026-03-15T12:00:00+01:00")
def test_a_new_day_touches_the_rooms_where_somebody_comes_or_goes(room: Room) -> None:
    expected_in(room)
    before = StreamEvent.objects.order_by("-id")[0].pk

    business_date_roll(hotel=fresh(room.property))

    news = StreamEvent.objects.get(pk__gt=before, code="property.changed")
    assert {topic for topic in news.touches if "my_room_card" in topic} == {f"my_room_card:{room.pk}"}


def test_a_corrected_name_touches_the_card(room: Room) -> None:
    stay = expected_in(room)
    stay.guest.last_name = "Brandt"
    stay.guest.save()

    assert f"room_card:{room.pk}" in StreamEvent.objects.filter(object_id=stay.guest_id).order_by("-id")[0].touches


def closed(room: Room, *, first: int, last: int, kind: str = "out_of_order") -> OutOfOrder:
    """Close the room from the `first` to the `last` night, counted from the business date."""
    hotel = fresh(room.property)
    nights = {"first": days(hotel, first), "last": days(hotel, last)}
    return out_of_order_set(hotel=hotel, room_id=room.pk, kind=kind, reason="Shower drips", **nights)


@pytest.mark.parametrize("kind", ["out_of_order", "out_of_service"])
def test_a_closed_room_says_why_and_until_when(room: Room, kind: str) -> None:
    closed(room, first=0, last=2, kind=kind)

    known = facts(room, names=False)

    assert known is not None
    assert known.closed == Closed(kind, "Shower drips", days(room.property, 2))


def test_a_room_that_is_closed_later_or_open_again_says_nothing(room: Room) -> None:
    row = closed(room, first=1, last=2)
    assert facts(room) is None

    out_of_order_end(hotel=fresh(room.property), out_of_order_id=row.pk)

    assert facts(room) is None


def test_a_guest_in_a_room_out_of_service_stands_beside_why(room: Room) -> None:
    guest_in(room)
    closed(room, first=0, last=0, kind="out_of_service")

    known = facts(room)

    assert known is not None and known.closed is not None and known.stays is not None


def cards_touched(since: int) -> set[str]:
    news = StreamEvent.objects.filter(pk__gt=since).values_list("touches", flat=True)
    return {topic for topics in news for topic in topics if "room_card" in topic}


def newest() -> int:
    return StreamEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_closing_and_the_day_it_begins_touch_both_cards(room: Room) -> None:
    cards = {f"room_card:{room.pk}", f"my_room_card:{room.pk}"}
    before = newest()
    closed(room, first=1, last=1)
    assert cards <= cards_touched(before)

    before = newest()
    with time_machine.travel(room.property.local_now() + dt.timedelta(days=1)):
        business_date_roll(hotel=fresh(room.property))

    assert cards <= cards_touched(before)
    known = facts(room)
    assert known is not None and known.closed is not None
