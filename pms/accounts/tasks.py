"""The daily tidying."""

from __future__ import annotations

from celery import shared_task

from .letters import letters_send
from .services import sessions_prune
from .support import visits_end, visits_prune


@shared_task(name="pms.accounts.tasks.prune")
def prune() -> None:
    """Forget sign-ins that ran out, and old visits of the support."""
    sessions_prune()
    visits_prune()


@shared_task(name="pms.accounts.tasks.end_visits")
def end_visits() -> None:
    """Note the end of visits whose time is over, those too that ended while nothing ran."""
    visits_end()


@shared_task(name="pms.accounts.tasks.send_letters")
def send_letters() -> None:
    """Send the mails that wait; rung after commits that wrote one, and every fifteen seconds as a sweep."""
    letters_send()
