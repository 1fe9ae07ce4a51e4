"""The same reservation ten times at once: one booking, and ten times the answer that we have it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from channel_manager.models import ChannelBooking, ChannelConnection, InboxMessage
from channel_manager.selectors.messages import open_ids
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
    for message_id in open_ids(connection.pk):  # who waited too long for the stock is taken by the next turn
        message_apply(message_id=message_id)
    assert Booking.objects.count() == AT_ONCE and left(sea, "DBL") == 2 - AT_ONCE
    assert_counts_are_right(sea)


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control: unlocked"])
def test_the_lock_lets_one_worker_take_a_reservation(
    sea: Property, connection: ChannelConnection, monkeypatch: pytest.MonkeyPatch, locked: bool
):
    (message,) = stored(connection, reservation(sea))
    ChannelBooking(connection=connection, external_id=message.message_id).save()
    if not locked:
        monkeypatch.setattr(apply, "_locked", lambda of, number: ChannelBooking.objects.get(external_id=number))
    taken = []
    take_really = apply.booking_take

    def take_slowly(**facts: Any) -> Any:
        taken.append(1)
        time.sleep(0.3)
        return take_really(**facts)

    monkeypatch.setattr(apply, "booking_take", take_slowly)

    together(*[lambda: message_apply(message_id=message.pk)] * 4)

    assert (len(taken) == 1) is locked
