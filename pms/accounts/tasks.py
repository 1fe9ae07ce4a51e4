"""The daily tidying."""

from __future__ import annotations

from celery import shared_task

from .services import sessions_prune


@shared_task(name="pms.accounts.tasks.prune")
def prune() -> None:
    """Forget sign-ins that ran out."""
    sessions_prune()
