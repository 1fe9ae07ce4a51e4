"""How a connection fares on open pages: told when it changes for a reader, and not with every breath."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import time_machine

from channel_manager.channels.registry import CallRecord
from channel_manager.models import ChannelConnection, DirtyRange
from channel_manager.selectors.cards import channel_cards
from channel_manager.selectors.health import channel_healths
from channel_manager.services.lanes import answered, failed, line_of
from channel_manager.services.push import channel_push, connection_dirtied
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.models import Property
from tests.factories.channels import make_connection
from tests.factories.reservations import make_booking

NOON = dt.datetime(2026, 3, 15, 12, tzinfo=dt.UTC)


def touched_by(act: Callable[[], object]) -> set[str]:
    """Return the pieces that are told of what `act` does."""
    before = set(StreamEvent.objects.values_list("pk", flat=True))
    act()
    return {piece for event in StreamEvent.objects.exclude(pk__in=before) for piece in event.touches}


def reader(property_id: uuid.UUID) -> Audience:
    """Return somebody who sees the channels of the hotel."""
    return Audience(property_id, frozenset({"channel_view"}))


def waiting(connection: ChannelConnection) -> tuple[int, bool]:
    """Return how much waits, and whether a moment is shown since when."""
    health = channel_healths([connection.pk], reader(connection.property_id))[connection.pk]
    return health.waiting, health.since is not None


def test_a_booking_touches_the_small_piece_and_no_card(sea: Property, connection: ChannelConnection) -> None:
    draft = make_connection(hotel=sea, hotel_id="900200", live=False)

    pieces = touched_by(lambda: make_booking(hotel=sea))

    assert f"channel_health:{connection.pk}" in pieces
    assert f"channel_card:{connection.pk}" not in pieces and f"channel_health:{draft.pk}" not in pieces


def test_what_needs_no_word_leaves_the_queue_and_pages_hear_of_it(connection: ChannelConnection) -> None:
    DirtyRange.objects.all().delete()
    yesterday = connection.property.business_date - dt.timedelta(days=1)
    DirtyRange.objects.create(connection=connection, first=yesterday, last=yesterday)
    assert waiting(connection) == (1, True)

    pieces = touched_by(lambda: channel_push(connection_id=connection.pk))

    assert pieces == {f"channel_health:{connection.pk}"}
    assert waiting(connection) == (0, False)


def test_everything_anew_fills_the_queue_on_open_pages(connection: ChannelConnection) -> None:
    pieces = touched_by(lambda: connection_dirtied(connection=connection))

    assert pieces == {f"channel_health:{connection.pk}"}


def test_a_poll_is_news_once_a_minute(connection: ChannelConnection) -> None:
    whole = {f"channel_card:{connection.pk}", f"channel_health:{connection.pk}"}
    with time_machine.travel(NOON, tick=False):
        assert touched_by(lambda: answered(connection, "pull")) == whole
    with time_machine.travel(NOON + dt.timedelta(seconds=59), tick=False):
        assert touched_by(lambda: answered(connection, "pull")) == set()
    with time_machine.travel(NOON + dt.timedelta(seconds=60), tick=False):
        assert touched_by(lambda: answered(connection, "pull")) == whole


def test_every_failure_and_its_end_show_at_once_and_leave_no_audit(connection: ChannelConnection) -> None:
    whole = {f"channel_card:{connection.pk}", f"channel_health:{connection.pk}"}
    audit = AuditEntry.objects.count()
    with time_machine.travel(NOON, tick=False):
        answered(connection, "pull")
        assert touched_by(lambda: failed(connection, "pull", TimeoutError("Nobody answered."))) == whole
        card = channel_cards([connection.pk], reader(connection.property_id))[connection.pk]
        assert (card.sign.tone, card.failure) == ("amber", "Nobody answered.")

        assert touched_by(lambda: answered(connection, "pull")) == whole

    assert AuditEntry.objects.count() == audit


def test_a_call_that_is_logged_shows_on_its_hotels_page(connection: ChannelConnection) -> None:
    record = CallRecord.unanswered("Availability", "<a/>", "Nobody answered.")

    pieces = touched_by(lambda: line_of(connection).record(record))

    assert pieces == {f"channel_calls:{connection.property_id}", f"channel_health:{connection.pk}"}


def test_cards_cost_the_same_for_one_connection_and_three(
    sea: Property, connection: ChannelConnection, django_assert_num_queries: Any
) -> None:
    def read() -> int:
        rows = ChannelConnection.objects.filter(property=sea).values_list("pk", flat=True)
        return len(channel_cards(list(rows), reader(sea.pk)))

    with django_assert_num_queries(9):
        assert read() == 1
    for hotel_id in ("900200", "900300"):
        make_connection(hotel=sea, hotel_id=hotel_id)
    with django_assert_num_queries(9):
        assert read() == 3


def test_connections_of_another_hotel_are_left_out(connection: ChannelConnection, other_hotel: Property) -> None:
    assert channel_healths([connection.pk], reader(other_hotel.pk)) == {}
