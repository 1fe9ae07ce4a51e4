"""After a commit one small hint per property goes out, and a dead Redis holds nobody up."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction

from pms.events import bell
from pms.events.models import Delivery, StreamEvent
from pms.events.publish import publish
from pms.events.receivers import after
from tests.committed import rolled_back
from tests.domain.core.given import make_room
from tests.domain.events.given import RoomSwept

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def heard() -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """What was published: a function that returns (channel, hint) of all messages since it was last asked."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    ear = server.pubsub(ignore_subscribe_messages=True)
    ear.psubscribe(f"{settings.REDIS_PREFIX}:*")
    ear.get_message(timeout=1)

    def messages() -> list[tuple[str, str]]:
        server.publish(f"{settings.REDIS_PREFIX}:end", "end")
        found = []
        while (message := ear.get_message(timeout=2)) is None or message["data"] != b"end":
            if message is not None:
                found.append((message["channel"].decode(), message["data"].decode()))
        return found

    yield messages
    ear.close()
    server.close()


def look(property_id: uuid.UUID) -> tuple[str, str]:
    return (bell.property_channel(property_id), "look")


def test_one_hint_per_property_after_the_commit(heard: Any) -> None:
    with transaction.atomic():
        for _ in range(3):
            publish(RoomSwept(property_id=HERE))
            publish(RoomSwept(property_id=THERE))
        assert heard() == []

    assert sorted(heard()) == sorted([look(HERE), look(THERE)])


def test_a_rolled_back_transaction_rings_nobody(heard: Any) -> None:
    with rolled_back():
        publish(RoomSwept(property_id=HERE))

    assert heard() == []


def test_many_savepoints_ring_once(heard: Any) -> None:
    with transaction.atomic():
        for _ in range(3):
            with transaction.atomic():
                publish(RoomSwept(property_id=HERE))
                with transaction.atomic():
                    publish(RoomSwept(property_id=HERE))
        publish(RoomSwept(property_id=HERE))

    assert heard() == [look(HERE)]


def test_many_saved_rows_ring_once(heard: Any) -> None:
    room = make_room()
    heard()

    with transaction.atomic():
        for floor in "123":
            room.floor = floor
            room.save()

    assert heard() == [look(room.property_id)]


def test_a_hint_of_a_rolled_back_savepoint_does_not_swallow_the_later_one(heard: Any) -> None:
    with transaction.atomic():
        with rolled_back():
            publish(RoomSwept(property_id=HERE))
        publish(RoomSwept(property_id=HERE))

    assert heard() == [look(HERE)]


def test_a_hint_before_a_rolled_back_savepoint_stays(heard: Any) -> None:
    with transaction.atomic():
        with transaction.atomic():
            publish(RoomSwept(property_id=HERE))
        with rolled_back():
            publish(RoomSwept(property_id=HERE))

    assert heard() == [look(HERE)]


def test_an_outer_rolled_back_savepoint_takes_the_hints_in_it_along(heard: Any) -> None:
    with transaction.atomic():
        with rolled_back():
            with transaction.atomic():
                publish(RoomSwept(property_id=HERE))
            publish(RoomSwept(property_id=HERE))
        publish(RoomSwept(property_id=THERE))

    assert heard() == [look(THERE)]


def test_personal_hints_carry_their_word(heard: Any) -> None:
    with transaction.atomic():
        bell.ring_user(HERE, "rights")
        bell.ring_user(HERE, "rights")
        bell.ring_user(HERE, "bell")

    assert heard() == [(bell.user_channel(HERE), "rights"), (bell.user_channel(HERE), "bell")]


@pytest.fixture(params=["nobody listens", "never answers"])
def dead_redis(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """A Redis that refuses connections, and one that takes them and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            server.listen(5)
        settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield
    bell._doorbell.cache_clear()


@pytest.mark.usefixtures("dead_redis")
def test_a_dead_redis_fails_no_commit_and_holds_up_only_the_first() -> None:
    after(RoomSwept)(lambda event: None)
    waits = []
    for _ in range(4):
        with transaction.atomic():
            publish(RoomSwept(property_id=HERE))
            started = time.monotonic()
        waits.append(time.monotonic() - started)

    assert StreamEvent.objects.count() == Delivery.objects.count() == 4
    assert waits[0] < 1.5
    assert max(waits[1:]) < bell.PATIENCE / 2  # no second time-out


def test_a_silent_broker_does_not_silence_the_hints(heard: Any, settings: Any) -> None:
    after(RoomSwept)(lambda event: None)
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    for _ in range(2):
        with transaction.atomic():
            publish(RoomSwept(property_id=HERE))

    assert heard() == [look(HERE), look(HERE)]


def test_after_the_pause_it_rings_again(heard: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "PAUSE_AFTER_FAILURE", 0.05)
    alive, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    bell.send("x", "lost")
    settings.REDIS_URL = alive
    time.sleep(0.06)

    bell.send(bell.property_channel(HERE), "look")

    assert heard() == [look(HERE)]


def test_the_doorbell_rings_once_into_the_queue_of_the_workers() -> None:
    from pms.celery import app

    after(RoomSwept)(lambda event: None)
    with app.connection_for_read() as connection:
        queue = app.amqp.queues[settings.CELERY_TASK_DEFAULT_QUEUE](connection.default_channel)
        queue.declare()
        queue.purge()

        with transaction.atomic():
            publish(RoomSwept(property_id=HERE))
            publish(RoomSwept(property_id=THERE))

        messages = [queue.get(no_ack=True), queue.get(no_ack=True)]

    assert messages[0].headers["task"] == "pms.events.tasks.deliver"
    assert messages[1] is None
