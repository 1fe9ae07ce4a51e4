"""The stream is numbered at the commit, densely, for each property on its own."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from pms.core.locks import OutsideTransaction
from pms.events import worker
from pms.events.models import Delivery, StreamEvent
from pms.events.publish import publish
from pms.events.recorder import record_changed, record_happened
from pms.events.selectors import Head, events_after, stream_head, stream_heads, unbroken_from
from properties.models import Organization
from tests.committed import commit, committed, rolled_back
from tests.domain.events.given import RoomSwept, stream

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.mark.django_db
def test_news_have_no_number_before_the_commit() -> None:
    with committed():
        publish(RoomSwept(property_id=HERE))

        assert StreamEvent.objects.get().seq is None
        assert stream(HERE) == []

    assert StreamEvent.objects.get().seq == 1


@pytest.mark.django_db
def test_numbers_are_dense_and_each_property_has_its_own() -> None:
    for _ in range(3):
        with committed():
            publish(RoomSwept(property_id=HERE))
            publish(RoomSwept(property_id=THERE))
            publish(RoomSwept(property_id=HERE))

    assert [event.seq for event in stream(HERE)] == [1, 2, 3, 4, 5, 6]
    assert [event.seq for event in stream(THERE)] == [1, 2, 3]
    assert [event.pk for event in stream(HERE)] == sorted(event.pk for event in stream(HERE))
    assert stream_head(HERE).seq == 6


@pytest.mark.django_db(transaction=True)
def test_a_commit_numbers_what_it_made_and_a_rollback_leaves_no_gap() -> None:
    with transaction.atomic():
        publish(RoomSwept(property_id=HERE))
    with rolled_back():
        publish(RoomSwept(property_id=HERE))
    with transaction.atomic():
        publish(RoomSwept(property_id=HERE))

    assert [event.seq for event in stream(HERE)] == [1, 2]
    assert stream_head(HERE).seq == 2


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_rolled_back_takes_its_news_with_it() -> None:
    kept = [uuid.uuid4(), uuid.uuid4()]
    with transaction.atomic():
        publish(RoomSwept(property_id=HERE, room_id=kept[0]))
        with rolled_back():
            publish(RoomSwept(property_id=HERE))
        publish(RoomSwept(property_id=HERE, room_id=kept[1]))

    assert [(event.seq, event.object_id) for event in stream(HERE)] == [(1, kept[0]), (2, kept[1])]


@pytest.mark.django_db(transaction=True)
def test_news_that_are_all_rolled_back_in_a_savepoint_number_nothing() -> None:
    with transaction.atomic():
        publish(RoomSwept(property_id=HERE))
        with rolled_back():
            publish(RoomSwept(property_id=THERE))

    assert stream_heads([HERE, THERE])[THERE] == Head(0, "")
    assert [event.seq for event in stream(HERE)] == [1]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    organization = Organization(name="Not saved")

    with pytest.raises(OutsideTransaction):
        publish(RoomSwept(property_id=HERE))
    with pytest.raises(OutsideTransaction):
        record_happened(RoomSwept(property_id=HERE), receivers=[])
    with pytest.raises(OutsideTransaction):
        record_changed(row=organization, property_ids=[HERE])

    assert not StreamEvent.objects.exists()


@pytest.mark.django_db
def test_events_after_a_number_come_in_order_and_not_too_many() -> None:
    with committed():
        for _ in range(5):
            publish(RoomSwept(property_id=HERE))

    assert [event.seq for event in events_after(HERE, 2, limit=2)] == [3, 4]
    assert events_after(HERE, 5, limit=10) == []
    assert unbroken_from(HERE) == 1
    assert unbroken_from(THERE) is None


@pytest.mark.django_db
def test_the_epoch_stays_and_differs_from_hotel_to_hotel(django_assert_num_queries: object) -> None:
    with committed():
        publish(RoomSwept(property_id=HERE))
        publish(RoomSwept(property_id=THERE))
    before = stream_heads([HERE, THERE])
    with committed():
        publish(RoomSwept(property_id=HERE))

    with django_assert_num_queries(1):  # type: ignore[operator]
        after = stream_heads([HERE, THERE])

    assert (after[HERE].epoch, after[THERE].epoch) == (before[HERE].epoch, before[THERE].epoch)
    assert before[HERE].epoch != before[THERE].epoch
    assert (before[HERE].seq, after[HERE].seq) == (1, 2)


@pytest.mark.django_db
def test_pruning_forgets_after_seven_days_but_keeps_what_is_owed() -> None:
    with committed():
        done = record_happened(RoomSwept(property_id=HERE), receivers=["house.done"])
        owed = record_happened(RoomSwept(property_id=HERE), receivers=["house.owed"])
        parked = record_happened(RoomSwept(property_id=HERE), receivers=["house.parked"])
        free = record_happened(RoomSwept(property_id=HERE), receivers=[])
        young = record_happened(RoomSwept(property_id=HERE), receivers=[])
    Delivery.objects.filter(receiver="house.done").update(state=Delivery.State.DONE)
    Delivery.objects.filter(receiver="house.parked").update(state=Delivery.State.PARKED)
    make_old(days=7, but=young)

    assert worker.prune() == 2

    assert {event.pk for event in stream(HERE)} == {owed.pk, parked.pk, young.pk}
    assert not {done.pk, free.pk} & {event.pk for event in StreamEvent.objects.all()}
    assert stream_head(HERE).seq == 5


@pytest.mark.django_db
def test_six_days_are_kept() -> None:
    with committed():
        publish(RoomSwept(property_id=HERE))
    make_old(days=6)

    assert worker.prune() == 0
    assert len(stream(HERE)) == 1


def make_old(*, days: int, but: StreamEvent | None = None) -> None:
    """Let all events be `days` and a minute old."""
    from django.db import connection

    commit(run=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_streamevent SET occurred_at = now() - make_interval(days => %s, mins => 1) WHERE id <> %s",
            [days, but.pk if but else 0],
        )
