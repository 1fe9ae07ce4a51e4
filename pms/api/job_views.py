"""Bulk work over the API: asked for by kind (each app's `api/jobs.py`), followed and stopped here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from .base import ApiView
from .calls import Call, Reply
from .errors import JobEnded
from .fields import IdField, Input, Query
from .jobs import JobKind
from .models import Job
from .operations import Handler, operation
from .paging import Page
from .permissions import Permission
from .selectors import job_of, jobs_of, with_progress
from .services.jobs import job_cancel, job_queue
from .shapes import ActionOutput, action

TAG = "jobs"


class JobProblem(serializers.Serializer):
    """Why the whole work stopped."""

    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class JobError(serializers.Serializer):
    """What is wrong with a line."""

    line = serializers.IntegerField(help_text="From 1 on.")
    code = serializers.CharField()
    detail = serializers.CharField()
    field = serializers.CharField(allow_blank=True)


class JobRowOutput(serializers.Serializer):
    """Bulk work and how far it is."""

    id = IdField()
    kind = serializers.CharField()
    status = serializers.ChoiceField(
        choices=Job.Status.choices, help_text="`failed`: all lines were tried and some refused, or it had to stop."
    )
    done = serializers.IntegerField(help_text="Lines worked on, also those that were refused.")
    total = serializers.IntegerField()
    problem = JobProblem(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    actions = serializers.SerializerMethodField(help_text="What can be done with it.")

    def get_actions(self, job: Any) -> list[dict[str, Any]]:
        """Return whether it can still be stopped."""
        return [action("cancel", [JobEnded(job.status)] if job.status in Job.ENDED else [])]

    get_actions._spectacular_annotation = {"field": ActionOutput(many=True)}  # type: ignore[attr-defined]


class JobOutput(JobRowOutput):
    """Bulk work with what came of its lines."""

    errors = JobError(many=True)  # type: ignore[assignment]
    result = serializers.ListField(
        child=serializers.DictField(), help_text="What there is to tell of lines: `{line, id, number}` of a booking."
    )


class JobQuery(Query):
    """Which jobs."""

    status = serializers.ChoiceField(required=False, choices=Job.Status.choices)


def job_operation(
    kind: JobKind, *, summary: str, body: type[Input], examples: Sequence[OpenApiExample] = ()
) -> Callable[[Handler], Handler]:
    """Declare the `POST` that queues bulk work: scope and right are those that each of its lines is judged by."""
    return operation(
        summary=summary,
        scope=kind.scope,
        right=kind.right,
        body=body,
        output=JobOutput,
        status=202,
        key="required",
        refusals=["too_many_jobs"],
        examples=examples,
    )


def job_reply(call: Call, kind: JobKind) -> Reply:
    """Queue the lines of the body as they came, and say where the work can be followed."""
    job = job_queue(kind=kind, property_id=call.hotel.pk, grant=call.grant, lines=call.request.data["lines"])
    where = reverse("api:job", kwargs={"property_code": call.hotel.code, "job_id": job.pk})
    return Reply(content=_shown(job), status=202, location=where)


def _shown(job: Job) -> Job:
    with_progress([job])
    return job


class JobListApi(ApiView):
    """Bulk work of the program."""

    tag = TAG

    @operation(
        summary="List the jobs",
        scope="jobs.read",
        right=Permission.JOB_MANAGE,
        query=JobQuery,
        output=JobRowOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return what this program (for this person) asked for at the hotel, the oldest first."""
        filters = {"status": call.query["status"]} if "status" in call.query else {}
        page = call.page(
            jobs_of(call.grant.client, call.grant.person, call.hotel.pk).filter(**filters), order=("created_at", "id")
        )
        with_progress(page.rows)
        return page


class JobApi(ApiView):
    """One job."""

    tag = TAG

    @operation(summary="Read a job", scope="jobs.read", right=Permission.JOB_MANAGE, output=JobOutput)
    def get(self, call: Call, job_id: uuid.UUID) -> Any:
        """Return how far it is, which lines were refused and why."""
        return _shown(job_of(call.grant.client, call.grant.person, call.hotel.pk, job_id))


class JobCancelApi(ApiView):
    """Stop a job."""

    tag = TAG

    @operation(
        summary="Cancel a job",
        scope="jobs.cancel",
        right=Permission.JOB_MANAGE,
        output=JobOutput,
        refusals=["job_ended"],
    )
    def post(self, call: Call, job_id: uuid.UUID) -> Any:
        """Stop it after the chunk it is at; what was done stays."""
        job = job_of(call.grant.client, call.grant.person, call.hotel.pk, job_id)
        if job.status in Job.ENDED:
            raise JobEnded(job.status)
        return _shown(job_cancel(job_id=job.pk))
