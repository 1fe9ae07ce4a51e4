"""Delivers events to their `@after` receivers: claimed with a lease, retried with back-off, parked in the end.

Celery only rings; the row is the order (reliability.md 1.7). A worker that dies leaves a lease which runs out, so the
delivery goes on in at most `LEASE` seconds. Order holds per lane (receiver × property): while one delivery waits for
its next try, later ones of its lane wait with it and all other lanes go on.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from pms.core.acting import act_as
from pms.core.redaction import mask_cards
from pms.core.traces import spanned

from .events import DeliveryParked
from .models import Delivery
from .publish import publish
from .receivers import receiver_named
from .unwatched import touch_tenant

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
# A living worker renews its lease while a receiver takes long, but not for ever: a receiver may hang.
LONGEST_RUN = timedelta(minutes=5)
MAX_TRIES = 12
# So long is tried at most, however few tries that were: a worker that hangs or is killed each time needs long for one.
LONGEST_TRYING = timedelta(hours=24)
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 600.0
KEPT_FOR = timedelta(days=7)

# After so many deliveries of one lane the worker looks at all lanes again.
LANE_TURN = 50

# Leases the first of a lane, if it is due and nobody holds it. A lane is served one at a time.
CLAIM = """
    UPDATE events_delivery
    SET lease_until = %(until)s, tries = tries + 1, first_tried_at = coalesce(first_tried_at, %(now)s)
    WHERE id = (
        SELECT id FROM events_delivery
        WHERE id IN ({first}) AND state = 'pending' AND due_at <= %(now)s
          AND (lease_until IS NULL OR lease_until < %(now)s)
        ORDER BY due_at, id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
FIRST_OF_LANE = """
    SELECT id FROM events_delivery
    WHERE state = 'pending' AND receiver = %(receiver)s AND property_id = %(property_id)s
    ORDER BY seq, id LIMIT 1
"""
# One step per lane through the index, however many deliveries wait in it.
FIRST_OF_EACH_LANE = """
    WITH RECURSIVE first AS (
        (
            SELECT id, receiver, property_id FROM events_delivery WHERE state = 'pending'
            ORDER BY receiver, property_id, seq LIMIT 1
        )
        UNION ALL
        SELECT following.* FROM first CROSS JOIN LATERAL (
            SELECT id, receiver, property_id FROM events_delivery
            WHERE state = 'pending' AND (receiver, property_id) > (first.receiver, first.property_id)
            ORDER BY receiver, property_id, seq LIMIT 1
        ) AS following
    )
    SELECT id FROM first
"""


@dataclass(slots=True)
class Result:
    """What one run of the worker did."""

    delivered: int = 0
    failed: int = 0


def deliver_due(*, seconds: float = 20.0) -> Result:
    """Deliver what is due, one at a time, until nothing is due or `seconds` have passed."""
    result, stop_at = Result(), time.monotonic() + seconds
    last, turn = None, 0
    while time.monotonic() < stop_at:
        delivery = claim(after=last) if last and turn < LANE_TURN else None
        if delivery is None:
            delivery, turn = claim(), 0
        if delivery is None:
            break
        last, turn = delivery, turn + 1
        if run(delivery):
            result.delivered += 1
        else:
            result.failed += 1
    return result


def claim(now: datetime | None = None, *, after: Delivery | None = None) -> Delivery | None:
    """Lease the next due delivery to the caller, only of the lane of `after` if that is given, or return None."""
    now = now or timezone.now()
    values: dict[str, Any] = {"now": now, "until": now + LEASE}
    if after is not None:
        values |= {"receiver": after.receiver, "property_id": after.property_id}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM.format(first=FIRST_OF_LANE if after else FIRST_OF_EACH_LANE), values)
        row = cursor.fetchone()
    return Delivery.objects.select_related("event").get(pk=row[0]) if row else None


def run(delivery: Delivery) -> bool:
    """Call the receiver and note the outcome; tell whether it succeeded.

    The receiver opens its own transactions: it may have to commit before it speaks to the outside world.
    """
    event = delivery.event
    try:
        if delivery.tries > MAX_TRIES:
            raise RuntimeError(f"Not even the worker survived the last of {MAX_TRIES} tries.")
        receiver = receiver_named(delivery.receiver)
        if receiver is None:
            raise LookupError(f"No receiver is called {delivery.receiver!r} any more.")
        facts = {"event": event.code, "receiver": delivery.receiver}
        with act_as(via="worker", request_id=event.request_id), spanned("deliver", **facts), _lease_renewed(delivery):
            receiver(event)
    except Exception as error:  # kept in the row, tried again, parked in the end: never lost
        _failed(delivery, error)
        return False
    _finish(delivery, state=Delivery.State.DONE, done_at=timezone.now(), error="")
    return True


@contextmanager
def _lease_renewed(delivery: Delivery) -> Iterator[None]:
    """Keep the lease while the block runs; it dies with the process, and another worker takes over."""
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(delivery, done), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        done.set()


def _renew(delivery: Delivery, done: threading.Event) -> None:
    give_up_at = time.monotonic() + LONGEST_RUN.total_seconds()
    try:
        while not done.wait(LEASE.total_seconds() / 3) and time.monotonic() < give_up_at:
            _mine(delivery).update(lease_until=timezone.now() + LEASE)
    except DatabaseError as error:
        log.warning("delivery.lease_not_renewed", delivery=delivery.pk, error=str(error))
    finally:
        connection.close()


def _failed(delivery: Delivery, error: Exception) -> None:
    since = delivery.first_tried_at
    parks = delivery.tries >= MAX_TRIES or (since is not None and timezone.now() - since > LONGEST_TRYING)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (delivery.tries - 1))
    kept = {"error": mask_cards(f"{type(error).__name__}: {error}")[:2000]}
    if parks:
        parked(delivery, **kept)
    else:
        # Full jitter (reliability.md D2): a healed receiver is not met by everybody at once.
        due_at = timezone.now() + timedelta(seconds=random.uniform(pause / 2, pause))  # noqa: S311
        _finish(delivery, due_at=due_at, **kept)
    log.warning(
        "delivery.parked" if parks else "delivery.failed",
        delivery=delivery.pk,
        receiver=delivery.receiver,
        tries=delivery.tries,
        error=str(error),
        exc_info=error,
    )


def parked(delivery: Delivery, **values: Any) -> None:
    """Put the delivery aside for a person and say so, in one transaction; its lane goes on."""
    with transaction.atomic(), act_as(via="worker", request_id=delivery.event.request_id):
        mine = _finish(delivery, state=Delivery.State.PARKED, parked_at=timezone.now(), **values)
        # News of news that cannot be told would go round for ever; the page and the metrics show it all the same.
        if mine and delivery.event.code != DeliveryParked.code:
            publish(
                DeliveryParked(
                    property_id=delivery.property_id,
                    delivery=delivery.pk,
                    receiver=delivery.receiver,
                    event=delivery.event.code,
                    tries=delivery.tries,
                )
            )


@transaction.atomic
def _finish(delivery: Delivery, **values: Any) -> bool:
    """Note the outcome, unless the lease ran out meanwhile and the delivery is another worker's now."""
    mine = bool(_mine(delivery).update(lease_until=None, **values))
    if not mine:
        log.warning("delivery.taken_over", delivery=delivery.pk, receiver=delivery.receiver, tries=delivery.tries)
    elif delivery.tries > 1 or values.get("state") != Delivery.State.DONE:
        touch_tenant(Delivery, property_id=delivery.property_id)  # pages show what fails, not what goes well
    return mine


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the delivery's row as long as it is ours: each claim counts one try more."""
    return Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.PENDING, tries=delivery.tries)


def prune() -> int:
    """Delete events older than 7 days that are owed to nobody, and return how many went.

    Through a function of the owner: the application's role may not delete from the stream.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT events_prune(%s)", [timezone.now() - KEPT_FOR])
        return int(cursor.fetchone()[0])
