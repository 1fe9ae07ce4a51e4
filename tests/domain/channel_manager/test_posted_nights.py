"""A channel changes a stay whose night is posted, before the date has rolled: the night stays as it was posted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from channel_manager.models import ChannelConnection, InboxMessage
from folios.models import Posting
from folios.selectors.folios import folio_of_stay
from folios.services.nights import night_post
from folios.services.postings import posting_reverse
from properties.models import Property, Room
from reservations.models import Reservation, ReservationNight, RoomAssignment
from reservations.services.front_desk import reservation_check_in, reservation_undo_check_in
from reservations.services.stays import reservation_assign_room
from tests.domain.channel_manager.given import called_off, changed, sold, the_stay
from tests.domain.reservations.given import after, assert_counts_are_right, lefts
from tests.factories.channels import RATES, ROOMS

BOTH = pytest.mark.parametrize("posted", [True, False], ids=["posted", "control: not posted"])


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """The small hotel SEA, open for sale and with books."""
    return hotel_with_books


@pytest.fixture
def in_house(sea: Property, connection: ChannelConnection) -> Reservation:
    """A guest of the channel in room 101 for three nights at 120.00, from tonight on."""
    sold(connection, nights=3)
    stay = the_stay()
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)
    return reservation_check_in(hotel=sea, reservation_id=stay.pk)


def post_tonight(sea: Property, stay: Reservation, *, really: bool = True) -> None:
    """Do what the audit does before it rolls the date."""
    if really:
        assert night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date) == 2


def take_back(stay: Reservation, *codes: str) -> None:
    """Take what was posted under these codes back."""
    for posting in Posting.objects.filter(folio__reservation=stay, transaction_code__code__in=codes):
        posting_reverse(folio_id=posting.folio_id, posting_id=posting.pk, reason="Not this one")


def what_it_costs() -> list[tuple[int, int]]:
    """Return day and price of all nights."""
    return [(one.night.day, int(one.price)) for one in ReservationNight.objects.order_by("night")]


def room_on_the_bill(stay: Reservation) -> Decimal:
    """Return what was posted for the room, less what was taken back."""
    rows = Posting.objects.filter(folio__reservation=stay, transaction_code__code="room")
    return sum((one.gross for one in rows), Decimal(0))


@BOTH
def test_a_posted_night_keeps_its_price_and_the_others_follow(
    sea: Property, connection: ChannelConnection, in_house: Reservation, posted: bool
):
    post_tonight(sea, in_house, really=posted)

    message = changed(connection, nights=4, price="8000")

    stay = the_stay()
    assert what_it_costs() == [(14, 120 if posted else 80), (15, 80), (16, 80), (17, 80)]
    assert (stay.total, stay.night_count) == (360 if posted else 320, 4)
    assert message.reasons == (["posted_night"] if posted else [])
    if posted:
        assert room_on_the_bill(stay) == ReservationNight.objects.get(posted=True).price
    assert_counts_are_right(sea)


@BOTH
def test_a_posted_night_keeps_its_type_and_plan(
    sea: Property, connection: ChannelConnection, in_house: Reservation, posted: bool
):
    post_tonight(sea, in_house, really=posted)
    before = ReservationNight.objects.filter(night=sea.business_date).values().get()

    message = changed(connection, nights=3, room=ROOMS["SUI"], rate=RATES["BB"])

    tonight, tomorrow, _last = ReservationNight.objects.order_by("night").values()
    assert (tonight == before) is posted
    assert tomorrow["booked_type_id"] != before["booked_type_id"] and tomorrow["rate_plan_id"] != before["rate_plan_id"]
    stay = the_stay()  # the card of the stay speaks of what lies ahead
    assert (stay.room_type_id, stay.rate_plan_id) == (tomorrow["booked_type_id"], tomorrow["rate_plan_id"])
    assert message.reasons == []  # of the price nobody has to be told: it is the same
    assert_counts_are_right(sea)


@BOTH
def test_who_should_have_left_today_stays_through_the_posted_night(
    sea: Property, connection: ChannelConnection, in_house: Reservation, posted: bool
):
    sea.business_date = after(sea, 1)
    sea.save()
    connection.refresh_from_db()
    post_tonight(sea, in_house, really=posted)

    message = changed(connection, after=-1, nights=1)

    assert what_it_costs() == ([(14, 120), (15, 120)] if posted else [(14, 120)])
    assert the_stay().departure == after(sea, 1 if posted else 0)
    assert RoomAssignment.objects.get(active=True).nights.upper == the_stay().departure
    assert lefts(sea, "DBL") == [1 if posted else 2]
    assert message.reasons == ["early_departure"]
    assert_counts_are_right(sea)


@BOTH
def test_a_stay_that_is_to_begin_after_the_posted_night_keeps_it(
    sea: Property, connection: ChannelConnection, in_house: Reservation, posted: bool
):
    post_tonight(sea, in_house, really=posted)

    message = changed(connection, after=1, nights=2)

    assert [day for day, _price in what_it_costs()] == [14, 15, 16]
    assert what_it_costs()[0] == (14, 120)
    assert message.reasons == (["posted_night"] if posted else [])


def test_a_stay_that_ends_after_the_posted_night_is_no_dispute(
    sea: Property, connection: ChannelConnection, in_house: Reservation
):
    post_tonight(sea, in_house)

    message = changed(connection, nights=1)

    assert what_it_costs() == [(14, 120)] and message.state == InboxMessage.State.APPLIED
    assert lefts(sea, "DBL", night=after(sea, 1)) == [2]


def test_a_cancellation_leaves_the_posted_night_and_calls_somebody(
    sea: Property, connection: ChannelConnection, in_house: Reservation
):
    post_tonight(sea, in_house)

    message = called_off(connection)

    assert [day for day, _price in what_it_costs()] == [14, 15, 16] and the_stay().status == "in_house"
    assert message.reasons == ["in_house"]


def test_the_same_word_again_says_the_same(sea: Property, connection: ChannelConnection, in_house: Reservation):
    post_tonight(sea, in_house)
    changed(connection, nights=2, price="8000")
    nights, version = list(ReservationNight.objects.values()), the_stay().version

    again = changed(connection, nights=2, price="8000", at="2026-03-04T08:00:00")

    assert (list(ReservationNight.objects.values()), the_stay().version) == (nights, version)
    assert again.reasons == ["posted_night"]


@pytest.mark.parametrize(("codes", "price"), [(("room",), 120), (("room", "city_tax"), 80)], ids=["in part", "whole"])
def test_a_night_that_was_taken_back_follows_the_channel_again(
    sea: Property, connection: ChannelConnection, in_house: Reservation, codes: tuple[str, ...], price: int
):
    post_tonight(sea, in_house)
    take_back(in_house, *codes)

    changed(connection, nights=3, price="8000")

    assert what_it_costs() == [(14, price), (15, 80), (16, 80)]


def test_a_check_in_that_was_undone_leaves_nothing_posted(
    sea: Property, connection: ChannelConnection, in_house: Reservation
):
    post_tonight(sea, in_house)
    take_back(in_house, "room", "city_tax")
    reservation_undo_check_in(hotel=sea, reservation_id=in_house.pk)

    changed(connection, nights=2, price="8000")
    assert what_it_costs() == [(14, 80), (15, 80)]
    called_off(connection)

    stay = the_stay()
    assert (stay.status, stay.balance, folio_of_stay(stay.pk).balance) == ("cancelled", 0, 0)
    assert not ReservationNight.objects.filter(counted=True).exists() and lefts(sea, "DBL") == [2]


def test_a_late_guests_missed_nights_are_posted_too(sea: Property, connection: ChannelConnection):
    sold(connection, nights=2)
    stay = the_stay()
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)
    sea.business_date = after(sea, 1)
    sea.save()

    reservation_check_in(hotel=sea, reservation_id=stay.pk)

    posted: list[tuple[dt.date, Any]] = list(ReservationNight.objects.order_by("night").values_list("night", "posted"))
    assert posted == [(after(sea, -1), True), (after(sea, 0), False)]
