"""Figures for Prometheus: what this process counts, and gauges that are read when somebody asks.

A web process counts what passes through it (requests, the line of admission, sockets, fan-out) in its own registry;
each process is asked for itself. What all processes share (deliveries owed, canaries, lags) stands in the database and
is read at the moment of asking, so it is the same wherever it is read: take the maximum, not the sum.

Labels are bounded: names of routes, receivers, kinds and queues; never ids, codes of hotels, persons or addresses.
Apps add gauges of their own by `gauge(…)` in their `apps.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import structlog
from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

# Values of the labels, in the order of the gauge's labels, and the figure.
Reading = tuple[Sequence[str], float]
Read = Callable[[], Iterable[Reading]]

REGISTRY = CollectorRegistry(auto_describe=False)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Counter("pms_requests", "Answered requests.", ["method", "route", "status"], registry=REGISTRY)
LATENCY = Histogram(
    "pms_request_seconds", "From the first middleware to the answer.", ["route"], buckets=SECONDS, registry=REGISTRY
)
LINE = Gauge("pms_admission_waiting", "Requests that wait in line.", registry=REGISTRY)
AT_WORK = Gauge("pms_admission_at_work", "Requests inside.", registry=REGISTRY)
WAITED = Histogram("pms_admission_wait_seconds", "Time in line.", buckets=SECONDS, registry=REGISTRY)
TURNED_AWAY = Counter("pms_admission_refused", "Requests that waited too long.", registry=REGISTRY)
SOCKETS = Gauge("pms_sockets_open", "Live pages that are connected.", registry=REGISTRY)
BATCHES = Counter("pms_hub_batches", "Batches of news handed out to pages.", registry=REGISTRY)
FAN_OUT = Histogram(
    "pms_fan_out_seconds", "From the write of the oldest news of a batch to its hand-out.", buckets=SECONDS,
    registry=REGISTRY,
)  # fmt: skip
RESYNCS = Counter("pms_resyncs", "Pages that were told to read themselves anew.", registry=REGISTRY)
SIGN_INS_FAILED = Counter("pms_sign_ins_failed", "Refused tries to sign in.", registry=REGISTRY)


@dataclass(frozen=True, slots=True)
class _Gauge:
    name: str
    about: str
    labels: tuple[str, ...]
    read: Read


class Gauges(Collector):
    """Reads the registered gauges when it is asked, each on its own: one that fails takes no other along."""

    def __init__(self) -> None:
        self.known: dict[str, _Gauge] = {}
        self.lock = Lock()

    def collect(self) -> Iterator[Metric]:
        """Yield every gauge that could be read; `pms_gauge_failed` says which could not."""
        failed = GaugeMetricFamily("pms_gauge_failed", "Gauges that could not be read just now.", labels=["gauge"])
        took = GaugeMetricFamily("pms_gauges_seconds", "How long reading all gauges took.")
        started = time.monotonic()
        with self.lock:
            for one in self.known.values():
                family = GaugeMetricFamily(one.name, one.about, labels=one.labels)
                try:
                    for labels, value in one.read():
                        family.add_metric(list(labels), value)
                except Exception as error:  # whatever it was, the other gauges are read all the same
                    log.warning("metrics.gauge_failed", gauge=one.name, error=str(error))
                    failed.add_metric([one.name], 1)
                    continue
                yield family
        took.add_metric([], time.monotonic() - started)
        yield failed
        yield took


GAUGES = Gauges()
REGISTRY.register(GAUGES)


def gauge(name: str, about: str, read: Read, *, labels: tuple[str, ...] = ()) -> None:
    """Register a gauge; `read` returns `(values of the labels, figure)` and is called once for each scrape."""
    GAUGES.known[name] = _Gauge(name, about, labels, read)


def pool_use() -> Iterable[Reading]:
    """Return how the pool of database connections of this process is used; nothing where there is no pool."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    for state, key in (("open", "pool_size"), ("idle", "pool_available"), ("asked", "requests_waiting")):
        yield [state], float(stats.get(key, 0))


gauge("pms_database_pool", "Connections of the pool: open, idle, and requests that wait.", pool_use, labels=("state",))
