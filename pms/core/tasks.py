"""Background work on the audit log: sealing, signed heads, checks."""

from __future__ import annotations

from celery import shared_task

from .chain import check, heads, sealing


@shared_task(name="pms.core.tasks.seal")
def seal() -> None:
    """Seal what was committed; rung after commits that wrote entries, and every five seconds as a sweep."""
    sealing.seal_due()


@shared_task(name="pms.core.tasks.sign_heads")
def sign_heads() -> None:
    """Seal what a sweep could have missed, then sign the head of every chain; once an hour."""
    sealing.seal_due(full=True)
    heads.write_heads()


@shared_task(name="pms.core.tasks.check")
def check_chain(check_id: int) -> None:
    """Do a check that somebody asked for."""
    check.check_done(check_id)
