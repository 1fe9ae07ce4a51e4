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
from celery import Celery
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

# After a failure the server is left alone this long: a time-out per commit would stall the desk. Hints and the doorbell
# of the worker may live on two servers, so a silent one says nothing about the other.
PAUSE_AFTER_FAILURE = 2.0
PATIENCE = 0.4
_quiet_until: dict[str, float] = {}


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
    """After the commit, send the personal `hint` ("rights", "sessions", "bell") to the user's open pages."""
    _once_after_commit(_Ring(user_channel(user_id), hint))


def ring_worker() -> None:
    """After the commit, tell a worker that deliveries wait."""
    _once_after_commit(_WorkerRing("pms.events.tasks.deliver"))


def ring_postman() -> None:
    """After the commit, tell a worker that mails wait."""
    _once_after_commit(_WorkerRing("pms.accounts.tasks.send_letters"))


def ring_sealer() -> None:
    """After the commit, tell a worker that audit entries wait for their seals; at most once a second from here.

    What is rung less often than it is written, the sweep finds.
    """
    if _is_quiet("sealer"):
        return
    _quiet_until["sealer"] = time.monotonic() + 1.0
    _once_after_commit(_WorkerRing("pms.core.tasks.seal"))


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
    """The doorbell of one task."""

    def __init__(self, task: str) -> None:
        self.task = task

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _WorkerRing) and self.task == other.task

    def __hash__(self) -> int:
        return hash(self.task)

    def __call__(self) -> None:
        if _is_quiet(settings.CELERY_BROKER_URL):
            return
        try:
            _doorbell().send_task(self.task, retry=False, expires=10, ignore_result=True)
        except (OSError, OperationalError, redis.RedisError) as error:
            _pause(settings.CELERY_BROKER_URL, error)


def _once_after_commit(ring: Any) -> None:
    """Register `ring` unless the same one waits for this commit already.

    One that waits is sure to run whenever this one would: Django drops it only together with a savepoint that is
    still open now, and with that savepoint everything goes that happens now.
    """
    if not any(function == ring for _savepoints, function, *_ in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


def send(channel: str, hint: str) -> None:
    """Publish `hint` now; a Redis that is away costs nothing but a log line."""
    if _is_quiet(settings.REDIS_URL):
        return
    try:
        _client(settings.REDIS_URL).publish(channel, hint)
    except redis.RedisError as error:
        _pause(settings.REDIS_URL, error)


def _is_quiet(server: str) -> bool:
    return time.monotonic() < _quiet_until.get(server, 0.0)


def _pause(server: str, error: Exception) -> None:
    _quiet_until[server] = time.monotonic() + PAUSE_AFTER_FAILURE
    log.warning("bell.silent", error=str(error))


@cache
def _client(url: str) -> redis.Redis:
    # Once more at once, for a connection that a restart of Redis left dead; never after a time-out.
    again = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=again)


@cache
def _doorbell() -> Celery:
    """Return a Celery application that only sends, and gives up at once.

    The workers' own waits for its broker and tries again: measured, one commit took six seconds without Redis.
    """
    app = Celery("doorbell", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    quick = {"max_retries": 0, "socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **quick}
    return app
