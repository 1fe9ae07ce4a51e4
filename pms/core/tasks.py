"""Background work on the audit log: sealing, signed heads, checks."""

from __future__ import annotations

from celery import shared_task

from .chain import check, heads, sealing


@shared_task(name="pms.core.tasks.seal")
def seal() -> None:
    """Seal what was committed and do the checks that were asked for; rung after commits, and every five seconds."""
    sealing.seal_due()
    check.checks_waiting()


@shared_task(name="pms.core.tasks.sign_heads")
def sign_heads() -> None:
    """Seal what a sweep could have missed, then sign the head of every chain; once an hour."""
    sealing.seal_due(full=True)
    heads.write_heads()
