"""A later word of a channel about a booking: in any order, and about stays that are under way."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from django.db import transaction

from channel_manager.channels.booking_com import messages as booking_com
from channel_manager.channels.booking_com.profile import PROFILE
from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.services.apply import fold, message_apply_again
from pms.events.models import StreamEvent
from properties.models import Property, Room
from reservations.models import Booking, Guest, Reservation, RoomAssignment, RoomTypeNight
from reservations.services.front_desk import reservation_check_in, reservation_check_out
from reservations.services.stays import reservation_assign_room
from tests.channels.booking_com.wire import reservation
from tests.domain.channel_manager.given import called_off, came, changed, prices, sold, the_stay
from tests.domain.reservations.given import after, assert_counts_are_right, left
from tests.factories.reservations import make_booking

State = InboxMessage.State


# --- again, in any order ----------------------------------------------------------------------------------------------


def test_the_same_message_again_changes_nothing(sea: Property, connection: ChannelConnection):
    first = sold(connection)
    events, guests = StreamEvent.objects.count(), Guest.objects.count()

    again = sold(connection)
    message_apply_again(message_id=first.pk)

    assert again.pk == first.pk and Booking.objects.count() == 1 and Guest.objects.count() == guests
    told = StreamEvent.objects.order_by("pk").values_list("code", flat=True)[events:]
    assert set(told) == {"channel_message.applied"}


def ending(hotel: Property) -> tuple:
    """Return all that may not depend on the order: the stay, its nights, the counters."""
    stay = the_stay()
    counters = list(RoomTypeNight.objects.order_by("night", "room_type__code").values_list("night", "sold", "forced"))
    return (stay.status, stay.arrival, stay.departure, stay.total, stay.flags, prices(), counters)


VERSIONS = (
    ("new", {"nights": 2, "at": "2026-03-01T08:00:00"}),
    ("mod1", {"nights": 4, "at": "2026-03-02T08:00:00", "entry": "HotelResModify"}),
    ("mod2", {"nights": 3, "after": 1, "at": "2026-03-03T08:00:00", "entry": "HotelResModify"}),
    ("cancel", {"at": "2026-03-04T08:00:00", "entry": "HotelResModify", "status": "Cancelled"}),
    ("again", {"nights": 2, "after": 2, "at": "2026-03-05T08:00:00", "entry": "HotelResModify"}),
)


def every_order(versions: tuple) -> list[tuple]:
    return list(permutations(versions))


@pytest.mark.parametrize("versions", [VERSIONS, VERSIONS[:4]], ids=["booked again", "cancelled"])
def test_every_order_with_duplicates_says_the_same(sea: Property, versions: tuple):
    said = set()
    for order in every_order(versions):
        rows = [message_of(sea, facts) for _, facts in (*order, order[0])]
        said.add(repr(fold(PROFILE, rows)))

    assert len(said) == 1 and (", cancelled=True)" in said.pop()) == (len(versions) == 4)


@pytest.mark.parametrize("versions", [VERSIONS, VERSIONS[:4]], ids=["booked again", "cancelled"])
def test_orders_end_alike_in_the_house(sea: Property, connection: ChannelConnection, versions: tuple):
    orders = every_order(versions)
    endings = set()
    for order in (orders[0], orders[-1], *Random(7).sample(orders, 2)):
        with transaction.atomic():
            for _, facts in (*order, order[0]):
                came(connection, reservation(sea, **facts), queue="modify" if "entry" in facts else "new")
            assert_counts_are_right(sea)
            endings.add(repr(ending(sea)))
            transaction.set_rollback(True)

    assert len(endings) == 1
    assert ("'cancelled'" in endings.pop()) == (len(versions) == 4)


def message_of(hotel: Property, facts: dict) -> InboxMessage:
    """Return an unsaved message, as the fold reads it."""
    (received,) = booking_com.received(reservation(hotel, **facts).encode())
    return InboxMessage(
        message_id=received.message_id, queue="modify" if "entry" in facts else "new", body=received.body
    )


def test_control_by_arrival_the_orders_would_differ(sea: Property, connection: ChannelConnection):
    """Without the channel's moment and its queue, the late new one would win over the change."""
    changed(connection, nights=3, at="")
    came(connection, reservation(sea, nights=1, at=""), queue="modify")

    assert the_stay().night_count == 1


# --- changes of stays that are under way ------------------------------------------------------------------------------


@pytest.fixture
def in_house(sea: Property, connection: ChannelConnection) -> Reservation:
    """A guest in room 101 for five nights, of whom two are past (domain.md, scenario 4)."""
    sold(connection, nights=5, price="10000")
    stay = the_stay()
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)
    reservation_check_in(hotel=sea, reservation_id=stay.pk)
    sea.business_date = after(sea, 2)
    sea.save()
    return Reservation.objects.get(pk=stay.pk)


def test_a_stay_in_house_is_shortened_ahead_only(sea: Property, connection: ChannelConnection, in_house: Reservation):
    connection.refresh_from_db()
    message = changed(connection, after=-2, nights=3, price="10000")

    in_house.refresh_from_db()
    assert (in_house.night_count, in_house.total, in_house.status) == (3, 300, "in_house")
    assert [left(sea, "DBL", after(sea, day)) for day in (0, 1, 2)] == [1, 2, 2]
    assert RoomAssignment.objects.get(active=True).nights.upper == after(sea, 1)
    assert message.state == State.APPLIED

    again = changed(connection, after=-2, nights=3, price="10000")
    assert again.pk == message.pk


def test_who_should_have_left_keeps_the_nights_that_were_slept(
    sea: Property, connection: ChannelConnection, in_house: Reservation
):
    connection.refresh_from_db()
    message = changed(connection, after=-2, nights=1, price="9900")

    in_house.refresh_from_db()
    assert in_house.departure == sea.business_date and in_house.total == 200
    assert message.reasons == ["early_departure", "posted_night"]  # the night it names was slept at 100.00


def test_a_stay_in_house_is_not_cancelled_but_somebody_is_called(connection: ChannelConnection, in_house: Reservation):
    connection.refresh_from_db()
    message = called_off(connection)

    in_house.refresh_from_db()
    assert (in_house.status, in_house.night_count) == ("in_house", 5) and message.reasons == ["in_house"]


def test_a_stay_that_is_over_stays_as_it_was(sea: Property, connection: ChannelConnection, in_house: Reservation):
    reservation_check_out(hotel=sea, reservation_id=in_house.pk, accepted={"early_departure"})
    connection.refresh_from_db()

    message = changed(connection, after=-2, nights=4)

    in_house.refresh_from_db()
    assert (in_house.status, in_house.night_count) == ("checked_out", 2) and message.reasons == ["checked_out"]


def test_a_planned_room_follows_new_dates_or_is_given_back(sea: Property, connection: ChannelConnection):
    sold(connection, nights=2)
    stay = the_stay()
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)

    changed(connection, nights=3)
    assert RoomAssignment.objects.get(active=True).nights.upper == after(sea, 3)

    other = make_booking(hotel=sea, arrival=after(sea, 3), nights=1).reservations.get()
    reservation_assign_room(hotel=sea, reservation_id=other.pk, room_id=room.pk)
    changed(connection, nights=4, at="2026-03-03T08:00:00")

    assert not RoomAssignment.objects.filter(active=True, reservation=stay).exists()
    assert_counts_are_right(sea)


def test_a_room_taken_out_of_a_booking_is_cancelled(sea: Property, connection: ChannelConnection):
    two = reservation(sea, line="1").replace("</RoomStays>", _room_stay(reservation(sea, line="2")) + "</RoomStays>")
    came(connection, two)
    assert Reservation.objects.count() == 2 and left(sea, "DBL") == 0

    changed(connection, line="2")

    assert dict(Reservation.objects.values_list("number", "status")) == {
        f"{Booking.objects.get().number}-1": "cancelled", f"{Booking.objects.get().number}-2": "confirmed",
    }  # fmt: skip
    assert left(sea, "DBL") == 1


def test_rooms_that_join_a_booking_get_numbers_of_their_own(sea: Property, connection: ChannelConnection):
    sold(connection, line="1")
    for at, lines in (("2026-03-02T08:00:00", "12"), ("2026-03-03T08:00:00", "312")):
        rooms = "".join(_room_stay(reservation(sea, line=line)) for line in lines)
        body = reservation(sea, at=at, entry="HotelResModify")
        came(connection, body.replace(_room_stay(body), rooms), queue="modify")

    booking = Booking.objects.get()
    assert set(Reservation.objects.values_list("number", flat=True)) == {f"{booking}-{place}" for place in (1, 2, 3)}
    assert not InboxMessage.objects.exclude(state__in=[State.APPLIED, State.ATTENTION]).exists()
    assert_counts_are_right(sea)


def _room_stay(body: str) -> str:
    return body[body.index("<RoomStay ") : body.index("</RoomStays>")]


def test_a_change_of_something_never_seen_is_taken(connection: ChannelConnection):
    changed(connection, nights=2)

    assert the_stay().night_count == 2


def test_a_cancellation_of_something_never_seen_leaves_nothing(connection: ChannelConnection):
    message = called_off(connection)

    assert message.state == State.APPLIED and not Booking.objects.exists()
