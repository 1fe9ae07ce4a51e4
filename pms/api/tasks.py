"""The hourly tidying of bulk work."""

from __future__ import annotations

from celery import shared_task

from .services.jobs import jobs_prune


@shared_task(name="pms.api.tasks.prune")
def prune() -> None:
    """Forget bulk work that ended long ago."""
    jobs_prune()
