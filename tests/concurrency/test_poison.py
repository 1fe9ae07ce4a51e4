"""A poison message holds up its own lane alone; it is parked, seen, told of, and sent again (reliability B8).

The receiver is an HTTP server that refuses one hotel's events with 400; pauses between tries pass in virtual time.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from notifications.models import Notification
from notifications.receivers import tell_of_work_that_stands
from pms.accounts.models import User
from pms.events import receivers, worker
from pms.events.events import DeliveryParked
from pms.events.models import Delivery, StreamEvent
from pms.events.parking import delivery_replay
from pms.events.publish import publish
from pms.events.receivers import after
from properties.models import Property
from tests.domain.events.given import RoomSwept

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

State = Delivery.State
OTHER_LANES = 3
EACH = 5
DELAY, ALERT = 5.0, 60.0


class Partner:
    """A server that takes every event but those of one hotel; it remembers when it took which."""

    def __init__(self, poisoned: uuid.UUID) -> None:
        self.poisoned: str = str(poisoned)
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.refused = 0
        partner = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hotel = self.path.strip("/")
                bad = hotel == partner.poisoned
                partner.refused += bad
                if not bad:
                    partner.taken[hotel].append(time.monotonic())
                self.send_response(400 if bad else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tell(self, event: StreamEvent) -> None:
        """Send an event there."""
        url = f"http://127.0.0.1:{self.server.server_port}/{event.property_id}"
        httpx.post(url, timeout=5).raise_for_status()


@pytest.fixture
def partner(hotel: Property, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """The only receiver of swept rooms; parked work is told as in life."""
    monkeypatch.setattr(receivers, "_after", defaultdict(dict))
    made = Partner(hotel.pk)

    @after(RoomSwept)
    def tell_partner(event: StreamEvent) -> None:
        made.tell(event)

    after(DeliveryParked)(tell_of_work_that_stands)
    yield made
    made.server.shutdown()
    made.server.server_close()


def sweep(*hotels: uuid.UUID) -> None:
    for hotel in hotels:
        with transaction.atomic():
            publish(RoomSwept(property_id=hotel))


def swept(hotel: uuid.UUID) -> Delivery:
    return Delivery.objects.get(property_id=hotel, event__code=RoomSwept.code)


def pause_over() -> None:
    """Let the pause before the next try pass."""
    Delivery.objects.filter(state=State.PENDING).update(due_at=timezone.now())


def others_wait(partner: Partner, others: list[uuid.UUID]) -> float:
    """Publish to the other hotels while the poison is due, deliver, and return the longest wait of any of them."""
    pause_over()
    started = time.monotonic()
    for _ in range(EACH):
        sweep(*others)
    worker.deliver_due(seconds=DELAY)
    waits = [max(partner.taken[str(hotel)], default=float("inf")) - started for hotel in others]
    assert [len(partner.taken[str(hotel)]) for hotel in others] == [EACH] * OTHER_LANES
    return max(waits)


def test_a_poison_message_is_parked_seen_told_of_and_replayed(
    partner: Partner, hotel: Property, anna: User, client: Client
) -> None:
    others = [uuid.uuid4() for _ in range(OTHER_LANES)]
    sweep(hotel.pk)

    assert others_wait(partner, others) <= DELAY
    for _ in range(worker.MAX_TRIES - partner.refused):
        assert swept(hotel.pk).state == State.PENDING
        pause_over()
        worker.deliver_due(seconds=DELAY)
    parked_at = time.monotonic()
    assert (swept(hotel.pk).state, partner.refused) == (State.PARKED, 12)

    client.force_login(anna)
    page = client.get("/h/SEA/background/").content.decode()
    assert "The other side refused it." in page
    assert "400" in page
    while not Notification.objects.filter(user=anna, code="delivery.parked").exists():
        assert time.monotonic() - parked_at < ALERT
        worker.deliver_due(seconds=1)

    partner.poisoned = ""
    delivery_replay(delivery_id=swept(hotel.pk).pk)
    worker.deliver_due(seconds=DELAY)
    assert (swept(hotel.pk).state, len(partner.taken[str(hotel.pk)])) == (State.DONE, 1)


def test_control_one_queue_for_all_lets_everybody_wait(
    partner: Partner, hotel: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: claimed in one order whatever the lane, the others stand behind the poison's pause."""
    one_queue = "SELECT id FROM events_delivery WHERE state = 'pending' ORDER BY id LIMIT 1"
    monkeypatch.setattr(worker, "FIRST_OF_EACH_LANE", one_queue)
    monkeypatch.setattr(worker, "FIRST_OF_LANE", one_queue)
    monkeypatch.setattr(worker, "FIRST_PAUSE", 60.0)
    Delivery.objects.all().delete()  # of the hotel's opening: nobody here takes those
    sweep(hotel.pk)

    with pytest.raises(AssertionError):
        others_wait(partner, [uuid.uuid4() for _ in range(OTHER_LANES)])

    assert partner.refused == 1
