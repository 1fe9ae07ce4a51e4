"""The hourly tidying of the hotel's own tables."""

from __future__ import annotations

from celery import shared_task

from .services.invitations import invitations_prune


@shared_task(name="properties.tasks.prune")
def prune() -> None:
    """Forget invitations that were over long ago."""
    invitations_prune()
