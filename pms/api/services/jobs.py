"""Bulk work of programs: queued, worked through chunk by chunk, stopped.

A chunk's lines, and that they are done, are one transaction under the lock of the job: whatever becomes of a worker, no
line is done twice and none is left out. The outbox brings the next turn (`pms/api/receivers.py`).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from pms.accounts import access
from pms.api.errors import TooManyJobs
from pms.api.events import JobCancelled, JobFailed, JobProgressed, JobQueued, JobSucceeded
from pms.api.held import Grant, grant_of
from pms.api.jobs import JobKind, Line, kind_named
from pms.api.models import Job, JobChunk
from pms.api.problems import SERVER_ERROR, problem_of
from pms.api.selectors import hotels_by_id, job_for_update, jobs_open
from pms.core.acting import act_as, acting
from pms.core.crashpoints import crashpoint
from pms.core.db_errors import is_away, is_contention
from pms.core.errors import DomainError, NotAllowed
from pms.core.retry import with_retry
from pms.events.base import Event
from pms.events.publish import publish
from pms.events.unwatched import touch_tenant

log = structlog.get_logger(__name__)

# A worker has other hotels to serve as well: after so many seconds the rest waits for its next turn.
TURN = 5.0
# So many may wait or run for one program at a hotel.
MOST_OPEN = 20
# So many are forgotten in one go.
PRUNED_AT_ONCE = 500
# A worker meets a busy desk more often than a desk does.
LOCK_TRIES = 10
# A line is read and done as the only one: where it stands among those says nothing.
AMONG_LINES = re.compile(r"^(values\.)?0\.")

Status = Job.Status


@transaction.atomic
def job_queue(*, kind: JobKind, property_id: uuid.UUID, grant: Grant, lines: Sequence[Line]) -> Job:
    """Take these lines (as they came, read already) to be worked through in the background.

    Raises `TooManyJobs`. The caller has asked for scope and right; every chunk asks again.
    """
    if jobs_open(property_id, grant.client.pk).count() >= MOST_OPEN:
        raise TooManyJobs(MOST_OPEN)
    job = Job(
        property_id=property_id,
        kind=kind.name,
        client=grant.client,
        person=grant.person,
        scopes=sorted(grant.scopes),
        total=len(lines),
    )
    job.save()
    JobChunk.objects.bulk_create(
        JobChunk(job=job, first=start + 1, size=len(part), lines=part)
        for start in range(0, len(lines), kind.chunk)
        for part in [list(lines[start : start + kind.chunk])]
    )
    publish(JobQueued(job_id=job.pk, kind=kind.name, total=job.total, **_facts(job)))
    return job


@transaction.atomic
def job_cancel(*, job_id: uuid.UUID) -> Job:
    """Stop the work: what was done stays, the rest is forgotten. What has ended already is left as it is."""
    job = job_for_update(job_id)
    if job.status not in Job.ENDED:
        JobChunk.objects.filter(job=job, done_at=None).update(lines=[])
        _end(job, Status.CANCELLED)
        publish(JobCancelled(job_id=job.pk, **_facts(job)))
    return job


def job_run(*, job_id: uuid.UUID, seconds: float = TURN) -> Job:
    """Work on the job until it ends or its turn is over; then the stream asks for the next one.

    Raises the database's own error when it is away or busy for long: the next delivery goes on where this one stopped.
    """
    stop_at = time.monotonic() + seconds
    while True:
        job: Job = with_retry(lambda: _next_chunk(job_id), tries=LOCK_TRIES)
        crashpoint("job.chunk_done")
        if job.status in Job.ENDED:
            return job
        if time.monotonic() >= stop_at:
            return _give_way(job_id)


@transaction.atomic
def _give_way(job_id: uuid.UUID) -> Job:
    job = job_for_update(job_id)
    if job.status == Status.RUNNING:
        publish(JobProgressed(job_id=job.pk, done=_done(job), **_facts(job)))
    return job


@transaction.atomic
def _next_chunk(job_id: uuid.UUID) -> Job:
    """Do the first chunk that is left, under the lock of the job; end the job with the last one."""
    job = job_for_update(job_id)
    if job.status in Job.ENDED:
        return job
    chunk = JobChunk.objects.filter(job=job, done_at=None).order_by("first").first()
    if chunk is None:
        return _finished(job)
    try:
        kind = kind_named(job.kind)
        user = _allowed(job, kind)
    except (DomainError, LookupError) as error:
        return _stopped(job, error)
    hotel = hotels_by_id([job.property_id])[0]
    with act_as(via="api", user=user, request_id=acting().request_id), translation.override("en"):
        chunk.results, chunk.errors = _done_lines(kind, hotel, user, chunk)
    crashpoint("job.chunk_worked")
    chunk.lines, chunk.done_at = [], timezone.now()
    chunk.save()
    if job.status == Status.QUEUED:
        job.status = Status.RUNNING
        job.save()
    touch_tenant(JobChunk, property_id=job.property_id)
    left = JobChunk.objects.filter(job=job, done_at=None).exists()
    return job if left else _finished(job)


def _allowed(job: Job, kind: JobKind) -> Any:
    """Return the user in whose name the work is done, if the program may still do it. Raises `NotAllowed`."""
    grant = grant_of(job.client, job.person, job.scopes)
    if grant is None or kind.scope not in grant.scopes:
        raise NotAllowed(kind.right)
    access.permitted(grant.user, kind.right, job.property_id)
    return grant.user


def _done_lines(kind: JobKind, hotel: Any, user: Any, chunk: JobChunk) -> tuple[list[Any], list[Any]]:
    """Do the lines together; if one of them is refused, each by itself. Return what there is to tell and the errors."""
    try:
        told = _work(kind, hotel, user, chunk.lines)
        return [_told(chunk.first + place, one) for place, one in enumerate(told) if one], []
    except Exception as error:  # one of them is to blame: found out below, line by line
        _raise_if_passing(error)
    results, errors = [], []
    for line, raw in enumerate(chunk.lines, start=chunk.first):
        try:
            found = _work(kind, hotel, user, [raw])[0]
            results += [_told(line, found)] if found else []
        except Exception as error:  # told in the job's errors, and logged if it is a fault of ours
            _raise_if_passing(error)
            errors += _refusals(line, error)
    return results, errors


def _work(kind: JobKind, hotel: Any, user: Any, raw: Sequence[Any]) -> Sequence[Any]:
    """Read the lines anew (what they name may have changed) and do them, all or none."""
    reader = kind.line(data=list(raw), many=True, context={"hotel": hotel, "currency": hotel.currency})
    with transaction.atomic():
        reader.is_valid(raise_exception=True)
        return kind.work(hotel, user, reader.validated_data)


def _raise_if_passing(error: Exception) -> None:
    """Let go on what another try may mend: a lost race, a database that is away."""
    if is_away(error) or is_contention(error):
        raise error


def _refusals(line: int, error: Exception) -> list[dict[str, Any]]:
    problem = problem_of(error)
    if problem is None:
        log.error("job.line_broke", line=line, exc_info=error)
        problem = SERVER_ERROR
    entries = problem.errors or [{"field": "", "code": problem.code, "detail": problem.detail}]
    return [{"line": line, **entry, "field": AMONG_LINES.sub("", entry["field"])} for entry in entries]


def _told(line: int, found: Any) -> dict[str, Any]:
    return {"line": line, **found}


def _finished(job: Job) -> Job:
    wrong = sum(len(errors) for errors in job.chunks.values_list("errors", flat=True))
    _end(job, Status.FAILED if wrong else Status.SUCCEEDED)
    ended: Event = JobSucceeded(job_id=job.pk, **_facts(job))
    publish(JobFailed(job_id=job.pk, errors=wrong, **_facts(job)) if wrong else ended)
    return job


def _stopped(job: Job, error: Exception) -> Job:
    """End a job of which no further line may be done."""
    JobChunk.objects.filter(job=job, done_at=None).update(lines=[])
    known = isinstance(error, DomainError)
    job.problem = {"code": getattr(error, "code", "unknown_kind"), "detail": str(error) if known else ""}
    _end(job, Status.FAILED)
    publish(JobFailed(job_id=job.pk, errors=0, **_facts(job)))
    return job


def _end(job: Job, status: str) -> None:
    job.status, job.finished_at = status, timezone.now()
    job.save()


def _done(job: Job) -> int:
    return sum(job.chunks.exclude(done_at=None).values_list("size", flat=True))


def _facts(job: Job) -> dict[str, Any]:
    hotel = hotels_by_id([job.property_id])[0]
    return {"property_id": job.property_id, "business_date": hotel.business_date, "version": job.version}


def jobs_prune() -> int:
    """Forget bulk work that ended `KEEP_JOBS_DAYS` ago, with its lines and their results; return how many."""
    before = timezone.now() - timedelta(days=settings.KEEP_JOBS_DAYS)
    over = Job.objects.filter(status__in=Job.ENDED, finished_at__lt=before).order_by("pk")
    ids = list(over.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    for job_id in ids:
        with transaction.atomic():
            job = Job.objects.select_for_update(no_key=True).get(pk=job_id)
            job.chunks.all().delete()
            job.delete()
    return len(ids)
