"""The hourly pruning."""

from __future__ import annotations

from celery import shared_task

from .services import notifications_prune


@shared_task(name="notifications.tasks.prune")
def prune() -> None:
    """Forget notifications after 30 days."""
    notifications_prune()
