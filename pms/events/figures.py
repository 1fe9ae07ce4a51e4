"""Figures of background work for Prometheus: what is owed to receivers, and the canaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pms.core.metrics import Read, Reading, gauge

from .canary import pulses
from .selectors import Backlog, backlogs


def declare() -> None:
    """Register the gauges; called once when the app is ready."""
    receiver = ("receiver",)
    gauge("pms_outbox_pending", "Deliveries owed.", _of(lambda row: row.pending), labels=receiver)
    gauge("pms_outbox_oldest_seconds", "Age of the oldest delivery owed.", _of(lambda row: row.oldest), labels=receiver)
    gauge("pms_outbox_parked", "Deliveries that wait for a person.", _of(lambda row: row.parked), labels=receiver)
    gauge("pms_canary_age_seconds", "Since the last canary arrived.", _ages, labels=("queue",))
    gauge("pms_canary_round_trip_seconds", "From the clock to the worker.", _round_trips, labels=("queue",))


def _of(figure: Callable[[Backlog], float]) -> Read:
    def read() -> Iterable[Reading]:
        return [([row.receiver], float(figure(row))) for row in backlogs()]

    return read


def _ages() -> Iterable[Reading]:
    return [([_short(pulse.queue)], pulse.age) for pulse in pulses()]


def _round_trips() -> Iterable[Reading]:
    return [([_short(pulse.queue)], pulse.round_trip) for pulse in pulses() if pulse.round_trip is not None]


def _short(queue: str) -> str:
    """Return the queue without the prefix of the installation."""
    return queue.rpartition(".")[2]
