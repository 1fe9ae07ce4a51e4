"""The canary: a task that the clock sends through the real broker, and a row that says when a worker last got it.

A process that runs is no sign of life: a worker may hang with every socket open. So background work is judged by its
canary alone, on the page, in the metrics, by `manage.py health --worker` and by the supervisor of `manage.py up`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import Canary

log = structlog.get_logger(__name__)

# When the clock sent it, in seconds of the Unix epoch, as a header of the message.
SENT_AT = "pms_sent_at"


@dataclass(frozen=True, slots=True)
class Pulse:
    """How one queue fares: when its canary last arrived, and how long that took (seconds)."""

    queue: str
    arrived_at: dt.datetime
    round_trip: float | None
    age: float

    @property
    def slow(self) -> bool:
        """Tell whether the next canary is overdue by more than the weather."""
        limit: float = settings.CANARY_LATE
        return self.age > limit


def sent(headers: dict[str, Any] | None = None, **_signal: Any) -> None:
    """Write the time into a message that is about to be sent (`before_task_publish`)."""
    if headers is not None:
        headers[SENT_AT] = time.time()


def arrived(*, queue: str, headers: Mapping[str, Any]) -> None:
    """Note that a canary came out of `queue`."""
    now, sent_at = timezone.now(), headers.get(SENT_AT)
    took = round(max(0.0, now.timestamp() - float(sent_at)) * 1000) if sent_at else None
    with transaction.atomic():
        before = Canary.objects.select_for_update().filter(queue=queue).first()
        Canary.objects.update_or_create(
            queue=queue, defaults={"arrived_at": now, "round_trip_ms": took, "alarmed_at": None}
        )
    if before is not None and before.alarmed_at is not None:
        log.warning("canary.back", queue=queue, seconds=round((now - before.arrived_at).total_seconds(), 1))
    if settings.CANARY_FILE:
        Path(settings.CANARY_FILE).touch()


def pulses() -> list[Pulse]:
    """Return how each queue fares that ever had a canary, by name."""
    now = timezone.now()
    rows = Canary.objects.filter(queue__in=settings.CANARY_QUEUES).order_by("queue")
    return [
        Pulse(
            row.queue,
            row.arrived_at,
            None if row.round_trip_ms is None else row.round_trip_ms / 1000,
            max(0.0, (now - row.arrived_at).total_seconds()),
        )
        for row in rows
    ]


@transaction.atomic
def alarms_claim() -> list[Pulse]:
    """Return the queues whose canary is late and of which nobody has been told; each outage goes to one caller."""
    late = [pulse for pulse in pulses() if pulse.slow]
    now = timezone.now()
    return [pulse for pulse in late if Canary.objects.filter(queue=pulse.queue, alarmed_at=None).update(alarmed_at=now)]
