"""Rings the bell after a commit: one small hint per property to the hubs, one to the outbox worker.

Hints carry no data and may be lost: the heartbeat of the hub and the sweep of the worker find what was missed
(architecture.md 4). So a dead Redis never fails, and never slows, a commit that has already happened.
"""

from __future__ import annotations

import time
import uuid
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import connection, transaction

log = structlog.get_logger(__name__)

# After a failure Redis is left alone this long: a time-out per commit would stall the desk.
PAUSE_AFTER_FAILURE = 2.0
_quiet_until = 0.0


def property_channel(property_id: uuid.UUID | str) -> str:
    """Return the pub/sub channel that says "look at this property"."""
    return f"{settings.REDIS_PREFIX}:property:{property_id}"


def user_channel(user_id: uuid.UUID | str) -> str:
    """Return the pub/sub channel of personal hints (bell, rights, sign-out)."""
    return f"{settings.REDIS_PREFIX}:user:{user_id}"


def ring_property(property_id: uuid.UUID) -> None:
    """After the commit, tell the hubs to look at the property."""
    _once_after_commit(_Ring(property_channel(property_id), "look"))


def ring_user(user_id: uuid.UUID, hint: str) -> None:
    """After the commit, send the personal `hint` ("rights", "bell", "closed") to the user's open pages."""
    _once_after_commit(_Ring(user_channel(user_id), hint))


def ring_worker() -> None:
    """After the commit, tell a worker that deliveries wait."""
    _once_after_commit(_WorkerRing())


class _Ring:
    """A hint on one channel; equal hints are one hint."""

    def __init__(self, channel: str, hint: str) -> None:
        self.key = (channel, hint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ring) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __call__(self) -> None:
        send(*self.key)


class _WorkerRing:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _WorkerRing)

    def __hash__(self) -> int:
        return hash(_WorkerRing)

    def __call__(self) -> None:
        from .tasks import deliver  # the task imports the receivers' registry

        if time.monotonic() < _quiet_until:
            return
        try:
            deliver.apply_async(retry=False, expires=10)
        except Exception as error:  # whatever a broker that is away throws: the commit has happened already
            _pause(error)


def _once_after_commit(ring: Any) -> None:
    """Register `ring` unless the same one is already sure to run when this transaction commits.

    An earlier registration counts only if its savepoints are still open: one inside a savepoint that is rolled back
    later would be dropped together with it.
    """
    open_savepoints = set(connection.savepoint_ids)
    for savepoints, function, *_ in connection.run_on_commit:
        if function == ring and set(savepoints) <= open_savepoints:
            return
    transaction.on_commit(ring, robust=True)


def send(channel: str, hint: str) -> None:
    """Publish `hint` now; a Redis that is away costs nothing but a log line."""
    if time.monotonic() < _quiet_until:
        return
    try:
        _client().publish(channel, hint)
    except redis.RedisError as error:
        _pause(error)


def _pause(error: Exception) -> None:
    global _quiet_until
    _quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
    log.warning("bell.silent", error=str(error))


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
