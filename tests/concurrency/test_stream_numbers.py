"""Twelve writers over several hotels: a reader of "after number n" misses nothing, and nobody deadlocks."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from pms.accounts.models import User
from pms.events.models import StreamEvent
from pms.events.publish import publish
from pms.events.selectors import events_after, stream_heads
from properties.models import Membership
from tests.domain.core.given import make_hotel, make_room
from tests.domain.events.given import RoomSwept, stream
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WRITERS, ROUNDS = 12, 20
HOTELS = [uuid.UUID(int=number) for number in range(1, 6)]


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def writer(seed: int) -> Callable[[], int]:
    """Write in transactions over one to three hotels, in any order, some of them slow to commit."""
    dice = random.Random(seed)

    def work() -> int:
        written = 0
        for _ in range(ROUNDS):
            hotels = dice.choices(HOTELS, k=dice.choice([1, 1, 2, 3]))
            with transaction.atomic():
                for hotel in hotels:
                    publish(RoomSwept(property_id=hotel))
                    time.sleep(dice.random() * 0.002)
            written += len(hotels)
        return written

    return work


def reader(read: Callable[[], Iterator[int]], writing: threading.Event) -> Callable[[], list[int]]:
    """Collect what `read` yields until the writers are done, and once more after."""

    def work() -> list[int]:
        seen: list[int] = []
        while writing.is_set():
            seen += read()
            time.sleep(0.002)
        return [*seen, *read()]

    return work


def race(read: Callable[[], Iterator[int]]) -> tuple[int, list[int]]:
    """Run the writers beside a reader and return how many events they wrote and what it saw."""
    writing = threading.Event()
    writing.set()
    left = threading.Semaphore(0)

    def counted(work: Callable[[], int]) -> Callable[[], int]:
        def counting() -> int:
            try:
                return work()
            finally:
                left.release()

        return counting

    def finish() -> None:
        for _ in range(WRITERS):
            left.acquire()
        writing.clear()

    results = together(*(counted(writer(seed)) for seed in range(WRITERS)), finish, reader(read, writing))
    assert all(isinstance(result, int) for result in results[:WRITERS]), results
    return sum(results[:WRITERS]), results[-1]


def test_a_reader_of_after_seq_misses_nothing_and_nobody_deadlocks() -> None:
    reached = dict.fromkeys(HOTELS, 0)
    before = deadlocks()

    def read() -> Iterator[int]:
        for hotel in HOTELS:
            for event in events_after(hotel, reached[hotel], limit=10_000):
                assert event.seq == reached[hotel] + 1, "a gap"
                reached[hotel] = event.seq
                yield event.pk

    written, seen = race(read)

    assert len(seen) == len(set(seen)) == written == StreamEvent.objects.count()
    assert {hotel: head.seq for hotel, head in stream_heads(HOTELS).items()} == reached
    for hotel in HOTELS:
        assert [event.seq for event in stream(hotel)] == list(range(1, reached[hotel] + 1))
    assert deadlocks() == before


def test_control_a_reader_by_serial_id_misses_rows() -> None:
    """The guard off: the serial id is given at the insert, so a slow commit appears behind the reader."""
    last = 0

    def read() -> Iterator[int]:
        nonlocal last
        for pk in StreamEvent.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True):
            last = pk
            yield pk

    written, seen = race(read)

    assert len(seen) < written


def hold_a_person(race: Rendezvous, hotel_id: uuid.UUID, person: User) -> Callable[[], None]:
    def work() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            race.reached("person held")
            race.wait_for("news written")
            time.sleep(0.2)  # the other one is committing, and waits for the person
            publish(RoomSwept(property_id=hotel_id))

    return work


def name_that_person(race: Rendezvous, hotel_id: uuid.UUID, person: User) -> Callable[[], None]:
    def work() -> None:
        race.wait_for("person held")
        with transaction.atomic():
            publish(RoomSwept(property_id=hotel_id))
            # Its foreign key to the person is checked at the commit, behind the news in the queue.
            Membership.objects.create(user=person, property_id=hotel_id, roles=[])
            race.reached("news written")

    return work


def both_at_once() -> list[object]:
    hotel, person = make_hotel(), User.objects.create_user("hugo@example.com", name="Hugo")
    meeting = Rendezvous()
    return together(hold_a_person(meeting, hotel.pk, person), name_that_person(meeting, hotel.pk, person))


def test_a_foreign_key_checked_at_the_commit_never_waits_with_a_head_in_hand() -> None:
    before = deadlocks()

    assert both_at_once() == [None, None]

    assert deadlocks() == before


def test_control_numbering_in_one_step_deadlocks() -> None:
    """The guard off: numbered by the first deferred trigger, the head is held while a later check waits."""
    numbering = "CREATE CONSTRAINT TRIGGER {} AFTER {} ON events_streamevent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER events_number_last ON events_streamevent")
        cursor.execute(f"{numbering.format('events_one_step', 'INSERT')} EXECUTE FUNCTION events_number_stream()")
    try:
        results = both_at_once()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER events_one_step ON events_streamevent")
            cursor.execute(f"{numbering.format('events_number_last', 'INSERT')} EXECUTE FUNCTION events_number_last()")

    assert [str(getattr(result, "__cause__", "")).partition("\n")[0] for result in results if result is not None] == [
        "deadlock detected"
    ]


def test_a_room_saved_by_many_has_one_piece_of_news_for_each_save() -> None:
    room = make_room()
    first = stream_heads([room.property_id])[room.property_id].seq

    def save() -> None:
        with transaction.atomic():
            mine = type(room).objects.select_for_update(no_key=True).get(pk=room.pk)
            mine.floor = f"{int(mine.floor or 0) + 1}"
            mine.save()

    assert together(*[save] * 8) == [None] * 8

    room.refresh_from_db()
    news = [event for event in stream(room.property_id) if (event.seq or 0) > first]
    assert room.floor == "8"
    assert [(event.seq, event.version) for event in news] == [(first + n, 1 + n) for n in range(1, 9)]
