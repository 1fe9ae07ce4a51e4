"""Deliveries: in order per lane, tried again with a pause, parked in the end, never lost."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from pms.core.acting import acting
from pms.core.models import AuditEntry
from pms.events import worker
from pms.events.events import DeliveryParked
from pms.events.models import Delivery, StreamEvent
from pms.events.parking import deliveries_replay, delivery_discard, delivery_replay
from pms.events.publish import publish
from pms.events.receivers import after
from tests.committed import commit
from tests.domain.events.given import RoomLocked, RoomSwept

pytestmark = pytest.mark.django_db

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)
State = Delivery.State


class Receiver:
    """Remembers what it was given, and refuses while `broken`."""

    def __init__(self, name: str) -> None:
        self.__module__, self.__name__ = "house", name
        self.seen: list[tuple[uuid.UUID, int | None]] = []
        self.broken: set[uuid.UUID] = set()

    def __call__(self, event: StreamEvent) -> None:
        if event.property_id in self.broken:
            raise ConnectionError("no answer for card 4111 1111 1111 1111")
        self.seen.append((event.property_id, event.seq))


@pytest.fixture
def mail() -> Receiver:
    receiver = Receiver("mail")
    after(RoomSwept)(receiver)
    return receiver


def happen(*hotels: uuid.UUID) -> None:
    for hotel in hotels:
        publish(RoomSwept(property_id=hotel))
    commit(run=False)


def only() -> Delivery:
    return Delivery.objects.get()


def test_events_are_delivered_in_order_and_once(mail: Receiver) -> None:
    happen(HERE, HERE, THERE, HERE)

    result = worker.deliver_due()

    assert (result.delivered, result.failed) == (4, 0)
    assert [seq for hotel, seq in mail.seen if hotel == HERE] == [1, 2, 3]
    assert [seq for hotel, seq in mail.seen if hotel == THERE] == [1]
    assert {delivery.state for delivery in Delivery.objects.all()} == {State.DONE}
    assert worker.deliver_due().delivered == 0


def test_each_receiver_has_its_own_delivery(mail: Receiver) -> None:
    other = Receiver("webhooks")
    after(RoomSwept, RoomLocked)(other)
    happen(HERE)
    publish(RoomLocked(property_id=HERE))
    commit(run=False)

    worker.deliver_due()

    assert (mail.seen, other.seen) == ([(HERE, 1)], [(HERE, 1), (HERE, 2)])


def test_order_is_that_of_the_stream_not_of_the_insert(mail: Receiver) -> None:
    happen(HERE, HERE)
    Delivery.objects.filter(seq=1).update(seq=9)  # as if it had been inserted first and committed last

    worker.deliver_due()

    assert mail.seen == [(HERE, 2), (HERE, 1)]


def test_a_delivery_carries_the_number_of_its_event(mail: Receiver) -> None:
    happen(HERE, THERE, HERE)

    assert all(delivery.seq == delivery.event.seq for delivery in Delivery.objects.select_related("event"))


def test_one_long_lane_does_not_keep_the_others_waiting(mail: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LANE_TURN", 2)
    happen(HERE, HERE, HERE, THERE, HERE, HERE)

    worker.deliver_due()

    assert mail.seen == [(HERE, 1), (HERE, 2), (HERE, 3), (HERE, 4), (THERE, 1), (HERE, 5)]


def test_a_receiver_works_on_behalf_of_the_request_that_caused_it() -> None:
    told: list[Any] = []

    @after(RoomSwept)
    def tell(event: StreamEvent) -> None:
        told.append((acting().via, acting().request_id == event.request_id))

    happen(HERE)
    worker.deliver_due()

    assert told == [("worker", True)]


def test_a_failure_waits_and_is_tried_again_with_a_longer_pause(mail: Receiver) -> None:
    mail.broken = {HERE}
    happen(HERE)
    pauses = []
    with time_machine.travel("2026-11-22 12:00:00Z", tick=False) as clock:
        Delivery.objects.update(due_at=timezone.now())
        for _ in range(4):
            assert (worker.deliver_due().failed, worker.deliver_due().failed) == (1, 0)
            pauses.append((only().due_at - timezone.now()).total_seconds())
            clock.move_to(only().due_at)

    assert only().tries == 4
    assert [longest / 2 <= pause <= longest for longest, pause in zip([0.5, 1, 2, 4], pauses, strict=True)] == [
        True
    ] * 4
    assert only().error == "ConnectionError: no answer for card ************1111"


def test_a_lane_waits_for_its_first_while_all_other_lanes_go_on(mail: Receiver) -> None:
    other = Receiver("webhooks")
    after(RoomSwept)(other)
    mail.broken = {HERE}
    happen(HERE, HERE, THERE)

    result = worker.deliver_due()

    assert (result.delivered, result.failed) == (4, 1)
    assert mail.seen == [(THERE, 1)]
    assert sorted(other.seen) == [(HERE, 1), (HERE, 2), (THERE, 1)]


def test_after_twelve_tries_it_is_parked_and_its_lane_goes_on(mail: Receiver) -> None:
    mail.broken = {HERE}
    happen(HERE)
    for _ in range(11):
        Delivery.objects.update(due_at=timezone.now())
        worker.deliver_due()
    assert (only().state, only().tries) == (State.PENDING, 11)
    Delivery.objects.update(due_at=timezone.now())
    worker.deliver_due()
    assert (only().state, only().tries) == (State.PARKED, 12)

    mail.broken = set()
    happen(HERE)
    worker.deliver_due()

    assert mail.seen == [(HERE, 3)]  # 2 is the news that the first was parked


def test_a_parked_delivery_can_be_replayed(mail: Receiver) -> None:
    happen(HERE)
    Delivery.objects.update(state=State.PARKED, tries=12, error="refused")

    assert delivery_replay(delivery_id=only().pk) == 1
    assert (only().state, only().tries, only().error) == (State.PENDING, 0, "")
    worker.deliver_due()

    assert (only().state, mail.seen) == (State.DONE, [(HERE, 1)])


def test_only_a_parked_delivery_can_be_replayed(mail: Receiver) -> None:
    happen(HERE)
    worker.deliver_due()

    assert delivery_replay(delivery_id=only().pk) == 0

    assert (only().state, mail.seen) == (State.DONE, [(HERE, 1)])


def test_all_of_one_receiver_are_replayed_in_their_order(mail: Receiver) -> None:
    other = Receiver("webhooks")
    after(RoomSwept)(other)
    happen(HERE, HERE, THERE)
    Delivery.objects.update(state=State.PARKED, tries=12, first_tried_at=timezone.now() - dt.timedelta(days=2))

    assert deliveries_replay(property_id=HERE, receiver="house.mail") == 2
    assert deliveries_replay(property_id=HERE, receiver="house.mail") == 0
    worker.deliver_due()

    assert (mail.seen, other.seen) == ([(HERE, 1), (HERE, 2)], [])
    assert set(AuditEntry.objects.values_list("act", "property_id")) == {("delivery.replayed", HERE)}


def test_a_parked_delivery_can_be_given_up_with_a_reason(mail: Receiver) -> None:
    happen(HERE)
    Delivery.objects.update(state=State.PARKED, tries=12)

    assert delivery_discard(delivery_id=only().pk, reason="Told by telephone, card 4111 1111 1111 1111") == 1
    assert delivery_discard(delivery_id=only().pk, reason="twice") == 0
    worker.deliver_due()

    assert (only().state, mail.seen) == (State.DROPPED, [])
    entry = AuditEntry.objects.get(act="delivery.discarded")
    assert entry.changes["reason"] == ["", "Told by telephone, card ************1111"]
    assert entry.changes["receiver"] == ["", "house.mail"]


def test_what_was_given_up_is_forgotten_with_its_event(mail: Receiver) -> None:
    happen(HERE, HERE)
    parked, dropped = Delivery.objects.order_by("seq")
    Delivery.objects.filter(pk=parked.pk).update(state=State.PARKED)
    Delivery.objects.filter(pk=dropped.pk).update(state=State.DROPPED)
    StreamEvent.objects.update(occurred_at=timezone.now() - dt.timedelta(days=8))

    worker.prune()

    assert only() == parked


def test_after_a_day_it_is_parked_however_few_tries_that_were(mail: Receiver) -> None:
    mail.broken = {HERE}
    happen(HERE)
    worker.deliver_due()
    begun = only().first_tried_at
    Delivery.objects.update(due_at=timezone.now(), first_tried_at=begun - dt.timedelta(hours=23))
    worker.deliver_due()
    assert (only().state, only().tries) == (State.PENDING, 2)

    Delivery.objects.update(due_at=timezone.now(), first_tried_at=begun - dt.timedelta(hours=25))
    worker.deliver_due()

    assert (only().state, only().tries) == (State.PARKED, 3)


def test_parking_is_news_of_the_hotel(mail: Receiver) -> None:
    mail.broken = {HERE}
    happen(HERE)
    Delivery.objects.update(tries=11)

    worker.deliver_due()
    commit(run=False)

    news = StreamEvent.objects.get(code="delivery.parked")
    assert (news.property_id, news.via) == (HERE, "worker")
    told = {"delivery": only().pk, "receiver": "house.mail", "event": "test_room.swept", "tries": 12}
    assert told.items() <= news.payload.items()


def test_news_of_parking_that_cannot_be_told_are_no_news_again() -> None:
    teller = Receiver("teller")
    teller.broken = {HERE}
    after(DeliveryParked)(teller)
    publish(DeliveryParked(property_id=HERE, delivery=1, receiver="house.mail", event="test_room.swept", tries=12))
    commit(run=False)
    Delivery.objects.update(tries=11)

    worker.deliver_due()
    commit(run=False)

    assert only().state == State.PARKED
    assert StreamEvent.objects.filter(code="delivery.parked").count() == 1


def test_an_unknown_receiver_is_parked_and_not_lost(monkeypatch: pytest.MonkeyPatch, mail: Receiver) -> None:
    happen(HERE)
    Delivery.objects.update(receiver="house.gone", tries=11)

    worker.deliver_due()

    assert (only().state, only().error) == (State.PARKED, "LookupError: No receiver is called 'house.gone' any more.")


def test_a_delivery_that_killed_its_worker_each_time_is_parked(mail: Receiver) -> None:
    happen(HERE)
    Delivery.objects.update(tries=12, lease_until=timezone.now() - dt.timedelta(seconds=1))

    worker.deliver_due()

    assert (only().state, mail.seen) == (State.PARKED, [])
    assert only().error == "RuntimeError: Not even the worker survived the last of 12 tries."


def test_a_lease_keeps_others_out_until_it_runs_out(mail: Receiver) -> None:
    happen(HERE)
    claimed = worker.claim()
    assert claimed is not None

    assert worker.claim() is None
    assert worker.claim(timezone.now() + worker.LEASE - dt.timedelta(seconds=1)) is None
    again = worker.claim(timezone.now() + worker.LEASE + dt.timedelta(seconds=1))

    assert again == claimed
    assert again.tries == 2


def test_a_worker_that_lost_its_lease_does_not_touch_the_work_of_the_next(mail: Receiver) -> None:
    happen(HERE)
    late = worker.claim()
    after_that = worker.claim(timezone.now() + worker.LEASE + dt.timedelta(seconds=1))
    assert late is not None
    assert after_that is not None

    mail.broken = {HERE}
    assert worker.run(late) is False

    assert (only().state, only().tries, only().lease_until) == (State.PENDING, 2, after_that.lease_until)


@pytest.mark.django_db(transaction=True)
def test_a_long_receiver_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LEASE", dt.timedelta(seconds=0.3))
    claims: list[Delivery | None] = []

    @after(RoomSwept)
    def long(event: StreamEvent) -> None:
        for _ in range(4):
            threading.Event().wait(0.2)
            claims.append(worker.claim())

    from django.db import transaction

    with transaction.atomic():
        publish(RoomSwept(property_id=HERE))

    assert worker.deliver_due().delivered == 1
    assert claims == [None] * 4
    assert only().tries == 1


def test_it_stops_when_its_time_is_up(mail: Receiver) -> None:
    happen(HERE)

    assert worker.deliver_due(seconds=0).delivered == 0
    assert only().state == State.PENDING
