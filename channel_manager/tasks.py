"""Celery's clock for the channels."""

from __future__ import annotations

from celery import shared_task

from .services.lanes import calls_prune
from .services.turns import serve_due

# The clock ticks every five seconds; a turn ends just before the next one begins.
TURN = 4.8


@shared_task(name="channel_manager.tasks.serve")
def serve() -> None:
    """Pull and push every connection that is due."""
    serve_due(seconds=TURN)


@shared_task(name="channel_manager.tasks.prune")
def prune() -> None:
    """Forget calls after 14 days."""
    calls_prune()
