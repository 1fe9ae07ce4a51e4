"""Celery's doorbell for the outbox, the hourly pruning, and the canary of the queues."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import before_task_publish

from pms.core import idempotency

from . import canary, worker


@shared_task(name="pms.events.tasks.deliver")
def deliver() -> None:
    """Deliver what is due; rung after commits that owe something, and every five seconds as a sweep."""
    worker.deliver_due()


@shared_task(name="pms.events.tasks.prune")
def prune() -> None:
    """Forget events after 7 days and recorded answers after 48 hours."""
    worker.prune()
    idempotency.prune()


@shared_task(name="pms.events.tasks.canary", bind=True)
def sing(task: Any, queue: str) -> None:
    """Say that a worker got this out of `queue`."""
    canary.arrived(queue=queue, headers=task.request.headers or {})


before_task_publish.connect(canary.sent, sender=sing.name, dispatch_uid="events:canary")
