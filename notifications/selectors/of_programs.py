"""Sentences of programs: what they do by the thousand, and a key that was used twice."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from pms.api.models import Job
from pms.api.permissions import Permission
from pms.live.fragments import Audience
from properties.background import JOBS

from .lines import Happening, Line, quiet, say


def declare() -> None:
    """Say what the events of programs mean; called once when the app is ready."""
    say(jobs, "job.queued", "job.succeeded", "job.failed", "job.cancelled", right=Permission.JOB_MANAGE)
    say(quiet, "job.progressed")  # the page of background work counts
    say(misused, "api_grant.misused", right=Permission.API_CLIENT_VIEW)


def jobs(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about bulk work, in one query."""
    found = Job.objects.filter(pk__in=[event.object_id for event in events]).select_related("client__user")
    by_key = {job.pk: job for job in found}
    words = {
        "job.queued": (_("%(program)s began: %(what)s"), "grey"),
        "job.succeeded": (_("%(program)s is done: %(what)s"), "green"),
        "job.failed": (_("%(program)s could not do all of it: %(what)s"), "red"),
        "job.cancelled": (_("%(program)s was stopped: %(what)s"), "amber"),
    }
    lines = {}
    for event in events:
        job = by_key.get(event.object_id) if event.object_id else None
        text, tone = words[event.code]
        facts = {"program": job.client.name if job else _("A program"), "what": JOBS.get(job.kind, "?") if job else "?"}
        url = reverse("properties:list_work", args=[event.hotel_code])
        lines[event.key] = Line(text % facts, url, "workflow", tone)
    return lines


def misused(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about keys that somebody else may have."""
    text = _("A program sent a key that was spent. What it was allowed is ended")
    return {event.key: Line(text, icon="shield-alert", tone="red") for event in events}
