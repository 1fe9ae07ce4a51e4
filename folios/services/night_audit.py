"""Closing the day: every night is posted once, the date rolls once, and a killed run goes on where it stopped.

The desk stays open meanwhile: stays are posted one transaction each, and the last sweep happens under the exclusive
lock of the business day, in the transaction that rolls it (domain.md 11).
"""

from __future__ import annotations

import datetime as dt
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from folios.errors import AuditRunning
from folios.events import NightAuditFailed, NightAuditStarted, NightAuditSucceeded
from folios.models import NightAudit
from folios.selectors.audits import blockers_of, control_totals, stays_over, warnings_of
from pms.core.crashpoints import crashpoint
from pms.core.locks import Lock, lock_exclusive
from pms.core.redaction import mask_cards
from pms.events.publish import publish
from properties.models import Property
from properties.selectors import hotel_by_id
from properties.services import business_date_roll

from .nights import night_post

Status = NightAudit.Status
# Work that spans transactions holds a lease row (architecture.md 5): short, and renewed while it goes on.
LEASE = timedelta(seconds=20)
POST, ROLL = "post_nights", "roll_date"
STEPS = (POST, ROLL)
PROGRESS_EVERY = 5


class AuditBusy(Exception):
    """Another worker holds the lease of this run."""


@transaction.atomic
def night_audit_start(*, hotel: Property) -> NightAudit:
    """Begin to close the hotel's business date; a worker does the work.

    With something standing against it the run is stored as blocked, with the reasons. Raises `AuditRunning` if this
    date is being closed or was closed.
    """
    hotel = hotel_by_id(hotel.pk)
    day = hotel.business_date
    if NightAudit.objects.filter(property_id=hotel.pk, business_date=day).exclude(status=Status.BLOCKED).exists():
        raise AuditRunning(
            f"The day {day.isoformat()} is being closed already. Nothing was started.", day=day.isoformat()
        )
    blockers = blockers_of(hotel)
    audit = NightAudit(
        property=hotel,
        business_date=day,
        status=Status.BLOCKED if blockers else Status.RUNNING,
        blockers=blockers,
        steps=[{"name": name, "status": "waiting", "done": 0, "total": 0} for name in STEPS],
        totals={"before": control_totals(hotel, day), "warnings": warnings_of(hotel)},
    )
    audit.save()
    if not blockers:
        publish(
            NightAuditStarted(property_id=hotel.pk, business_date=day, version=audit.version, night_audit_id=audit.pk)
        )
    return audit


def night_audit_run(*, audit_id: uuid.UUID) -> NightAudit:
    """Do what is left of the run. Raises `AuditBusy` while another worker is at it; a finished run is left alone.

    A step that fails marks the run as failed and raises; `night_audit_resume` or the next delivery goes on from there.
    """
    audit = _claim(audit_id)
    if audit.status == Status.SUCCEEDED:
        return audit
    step = POST
    try:
        _post_nights(audit)
        step = ROLL
        return _roll(audit_id)
    except Exception as error:
        _fail(audit_id, step, error)
        raise


def _claim(audit_id: uuid.UUID) -> NightAudit:
    with transaction.atomic():
        audit = _locked(audit_id)
        if audit.status == Status.SUCCEEDED:
            return audit
        if audit.lease_until and audit.lease_until > timezone.now():
            raise AuditBusy(f"Night audit {audit_id} is being worked on.")
        audit.lease_until = timezone.now() + LEASE
        audit.status, audit.error = Status.RUNNING, ""
        audit.save()
        return audit


def _post_nights(audit: NightAudit) -> None:
    hotel, night = hotel_by_id(audit.property_id), audit.business_date
    stays = list(stays_over(hotel, night))
    for done, stay in enumerate(stays):
        if done % PROGRESS_EVERY == 0:
            _progress(audit.pk, POST, "running", done, len(stays))
        night_post(hotel=hotel, reservation=stay, night=night)
        crashpoint(f"audit.posted.{done + 1}")
    _progress(audit.pk, POST, "done", len(stays), len(stays))


@transaction.atomic
def _roll(audit_id: uuid.UUID) -> NightAudit:
    """Sweep once more while nobody can check in, then move the date: one transaction, so it happens once."""
    audit = NightAudit.objects.get(pk=audit_id)
    lock_exclusive(Lock.BUSINESS_DAY, audit.property_id)
    hotel = hotel_by_id(audit.property_id)
    night = audit.business_date
    late = sum(night_post(hotel=hotel, reservation=stay, night=night) > 0 for stay in stays_over(hotel, night))
    totals = control_totals(hotel, night)
    hotel = business_date_roll(hotel=hotel)
    crashpoint("audit.before_commit")
    audit = _locked(audit_id)
    stays = stays_over(hotel, night).count()
    audit.steps = [
        {"name": POST, "status": "done", "done": stays, "total": stays},
        {"name": ROLL, "status": "done", "done": 1, "total": 1},
    ]
    audit.totals = {**audit.totals, "after": totals, "stays": stays, "late": late}
    audit.status, audit.lease_until, audit.finished_at = Status.SUCCEEDED, None, timezone.now()
    audit.save()
    publish(
        NightAuditSucceeded(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=audit.version,
            night_audit_id=audit.pk,
            changes={"business_date": (night.isoformat(), hotel.business_date.isoformat())},
        )
    )
    return audit


@transaction.atomic
def _progress(audit_id: uuid.UUID, name: str, status: str, done: int, total: int) -> None:
    """Show how far a step has come, and renew the lease: whoever watches sees it on all screens."""
    audit = _locked(audit_id)
    fresh: dict[str, Any] = {"name": name, "status": status, "done": done, "total": total}
    audit.steps = [fresh if step["name"] == name else step for step in audit.steps]
    audit.lease_until = timezone.now() + LEASE
    audit.save()


@transaction.atomic
def _fail(audit_id: uuid.UUID, name: str, error: Exception) -> None:
    audit = _locked(audit_id)
    audit.steps = [{**step, "status": "failed"} if step["name"] == name else step for step in audit.steps]
    audit.status, audit.lease_until = Status.FAILED, None
    audit.error = mask_cards(str(error))[:1000]
    audit.save()
    publish(
        NightAuditFailed(
            property_id=audit.property_id,
            business_date=audit.business_date,
            version=audit.version,
            night_audit_id=audit.pk,
            step=name,
        )
    )


def _locked(audit_id: uuid.UUID) -> NightAudit:
    audit: NightAudit = NightAudit.objects.select_for_update(no_key=True, of=("self",)).get(pk=audit_id)
    return audit


def audit_due_at(hotel: Property) -> dt.datetime:
    """Return when the hotel's day is due to be closed, by its wall clock; earlier needs a right of its own."""
    due = dt.datetime.combine(hotel.business_date + timedelta(days=1), hotel.audit_time)
    return due.replace(tzinfo=hotel.zone)
