"""The same reservation ten times at once: one booking, and ten times the answer that we have it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from channel_manager.models import ChannelBooking, ChannelConnection, InboxMessage
from channel_manager.services import apply
from channel_manager.services.apply import message_apply
from properties.models import Property
from reservations.models import Booking, Guest, Reservation
from tests.channels.booking_com.wire import reservation
from tests.domain.channel_manager.given import stored
from tests.domain.reservations.given import assert_counts_are_right, left
from tests.factories.channels import make_connection
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.factories.reservations import open_for_sale
from tests.race import errors_of, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
AT_ONCE = 10


@pytest.fixture
def sea() -> Property:
    return open_for_sale(make_hotel(rooms=SMALL_HOUSE), nights=10)


@pytest.fixture
def connection(sea: Property) -> ChannelConnection:
    return make_connection(hotel=sea)


def take(connection: ChannelConnection, body: str) -> InboxMessage:
    (message,) = stored(connection, body)
    return message_apply(message_id=message.pk)


def test_ten_identical_messages_are_one_booking(sea: Property, connection: ChannelConnection):
    body = reservation(sea, nights=2)

    results = together(*[lambda: take(connection, body)] * AT_ONCE)

    assert errors_of(results) == []
    assert {result.pk for result in results} == {InboxMessage.objects.get().pk}
    assert {result.state for result in results} == {"applied"}
    assert (Booking.objects.count(), Reservation.objects.count(), Guest.objects.count()) == (1, 1, 1)
    assert left(sea, "DBL") == 1
    assert_counts_are_right(sea)


def test_versions_at_once_end_with_the_latest(sea: Property, connection: ChannelConnection):
    bodies = [reservation(sea, nights=count, at=f"2026-03-0{count}T08:00:00") for count in range(1, 7)]

    results = together(*[lambda body=body: take(connection, body) for body in bodies])

    assert errors_of(results) == []
    assert Reservation.objects.get().night_count == 6
    assert_counts_are_right(sea)


def test_different_reservations_at_once_are_all_taken(sea: Property, connection: ChannelConnection):
    bodies = [reservation(sea, number=str(5100000001 + place)) for place in range(AT_ONCE)]

    results = together(*[lambda body=body: take(connection, body) for body in bodies])

    assert errors_of(results) == []
    assert Booking.objects.count() == AT_ONCE and left(sea, "DBL") == 2 - AT_ONCE
    assert_counts_are_right(sea)


def test_control_without_the_lock_the_same_booking_is_made_twice_or_refused(
    sea: Property, connection: ChannelConnection, monkeypatch
):
    """The lock per reservation is what makes ten into one; behind it only the constraint would stand."""

    def unlocked(of: ChannelConnection, external_id: str) -> ChannelBooking:
        row = ChannelBooking(connection=of, external_id=external_id)
        ChannelBooking.objects.bulk_create([row], ignore_conflicts=True)
        return ChannelBooking.objects.get(connection=of, external_id=external_id)

    monkeypatch.setattr(apply, "_locked", unlocked)
    seen = []
    take_really = apply.booking_take
    monkeypatch.setattr(apply, "booking_take", lambda **facts: seen.append(1) or take_really(**facts))

    together(*[lambda: take(connection, reservation(sea))] * AT_ONCE)

    assert len(seen) > 1  # the house was asked to take the same reservation several times
    assert IntegrityError  # the constraint stands behind it
