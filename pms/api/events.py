"""What can happen to the access of programs, and to the bulk work they ask for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pms.events.base import Event


@dataclass(frozen=True, kw_only=True)
class JobQueued(Event, code="job.queued"):
    """A program asked for many writes at once."""

    job_id: uuid.UUID
    kind: str
    total: int


@dataclass(frozen=True, kw_only=True)
class JobProgressed(Event, code="job.progressed"):
    """So many lines are done; the rest follows."""

    job_id: uuid.UUID
    done: int


@dataclass(frozen=True, kw_only=True)
class JobSucceeded(Event, code="job.succeeded"):
    """Every line was done."""

    job_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class JobFailed(Event, code="job.failed"):
    """All lines were tried and some refused, or the work had to stop."""

    job_id: uuid.UUID
    errors: int


@dataclass(frozen=True, kw_only=True)
class JobCancelled(Event, code="job.cancelled"):
    """Somebody stopped it; what was done stays."""

    job_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class ApiGrantMisused(Event, code="api_grant.misused"):
    """An app sent a refresh token that was spent; what a person allowed it ended."""

    api_grant_id: uuid.UUID
