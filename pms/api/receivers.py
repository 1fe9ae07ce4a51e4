"""Reactions: bulk work is done by the workers, and whose name a program misused is told by mail."""

from __future__ import annotations

import uuid

from pms.events.models import StreamEvent
from pms.events.receivers import after

from .events import ApiGrantMisused, JobProgressed, JobQueued
from .services import grant_misuse_mail
from .services.jobs import job_run


@after(ApiGrantMisused)
def tell_person(event: StreamEvent) -> None:
    """Mail her whose name the app acted in."""
    grant_misuse_mail(grant_id=uuid.UUID(event.payload["api_grant_id"]))


@after(JobQueued, JobProgressed)
def work_on_job(event: StreamEvent) -> None:
    """Do the next turn of it: one lane for each hotel, so its jobs take turns and nobody else's news waits long."""
    job_run(job_id=uuid.UUID(event.payload["job_id"]))
