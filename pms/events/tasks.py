"""Celery's doorbell for the outbox, and the hourly pruning."""

from __future__ import annotations

from celery import shared_task

from pms.core import idempotency

from . import worker


@shared_task(name="pms.events.tasks.deliver")
def deliver() -> None:
    """Deliver what is due; rung after commits that owe something, and every five seconds as a sweep."""
    worker.deliver_due()


@shared_task(name="pms.events.tasks.prune")
def prune() -> None:
    """Forget events after 7 days and recorded answers after 48 hours."""
    worker.prune()
    idempotency.prune()
