"""Closing the day: every night is posted once, the date rolls once, and a killed run goes on where it stopped.

The desk stays open meanwhile: stays are posted one transaction each, and the last sweep happens under the exclusive
lock of the business day, in the transaction that rolls it (domain.md 11).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from folios import rules
from folios.errors import AuditNotFailed, AuditRunning
from folios.events import NightAuditFailed, NightAuditResumed, NightAuditStarted, NightAuditSucceeded
from folios.models import NightAudit
from folios.selectors.audits import audit_for_update, blockers_of, stay_ids_over, stay_ids_unposted, warnings_of
from folios.selectors.books import Books
from folios.selectors.ledgers import control_totals, difference_to_books
from pms.core.acting import act_as, acting
from pms.core.crashpoints import crashpoint
from pms.core.locks import Lock, lock_exclusive
from pms.core.redaction import mask_cards
from pms.core.retry import with_retry
from pms.events.publish import publish
from properties.models import Property
from properties.selectors import hotel_by_id
from properties.services import business_date_roll

from .nights import night_post

log = structlog.get_logger(__name__)

Status = NightAudit.Status
# Who posts the nights, where no person does.
ORIGIN = "night_audit"
# Work that spans transactions holds a lease row (architecture.md 5): short, and renewed while it goes on.
LEASE = timedelta(seconds=20)
CHECK, TOTALS, POST, ROLL, BALANCE = "check", "freeze_totals", "post_nights", "roll_date", "balance_ledgers"
STEPS = (CHECK, TOTALS, POST, ROLL, BALANCE)
# Shown after so many stays or seconds, whichever comes first: a slow house must not lose its lease.
PROGRESS_EVERY, PROGRESS_SECONDS = 5, 4.0
# The desk queues behind a waiting exclusive lock: better to step aside and come again.
LOCK_PATIENCE, LOCK_TRIES = "600ms", 20


class AuditBusy(Exception):
    """Another worker holds the lease of this run, or has taken it over."""


@transaction.atomic
def night_audit_start(*, hotel: Property, accepted: Collection[str] = ()) -> NightAudit:
    """Begin to close the hotel's business date; a worker does the work.

    With something standing against it the run is stored as blocked, with the reasons. Raises `AuditRunning` if this
    date is being closed or was closed, `BusinessDateTooFarAhead`, and `AuditTooEarly` unless its code is in `accepted`
    (an edge passes it for people who may close early).
    """
    hotel = hotel_by_id(hotel.pk)
    day = hotel.business_date
    if NightAudit.objects.filter(property_id=hotel.pk, business_date=day).exclude(status=Status.BLOCKED).exists():
        message = _("The day %(day)s is being closed already. Nothing was started.")
        raise AuditRunning(message % {"day": day.isoformat()}, day=day.isoformat())
    for reason in rules.against_closing(hotel):
        if reason.code not in accepted:
            raise reason
    blockers = blockers_of(hotel)
    steps = [{"name": name, "status": "waiting", "done": 0, "total": 0} for name in STEPS]
    if not blockers:
        for step in steps[:2]:
            step |= {"status": "done", "done": 1, "total": 1}
    audit = NightAudit(
        property=hotel,
        business_date=day,
        status=Status.BLOCKED if blockers else Status.RUNNING,
        blockers=blockers,
        steps=steps,
        totals={"before": control_totals(hotel, day), "warnings": warnings_of(hotel)},
        user_id=acting().user_id,
    )
    audit.save()
    if not blockers:
        publish(
            NightAuditStarted(property_id=hotel.pk, business_date=day, version=audit.version, night_audit_id=audit.pk)
        )
    return audit


@transaction.atomic
def night_audit_resume(*, audit_id: uuid.UUID) -> NightAudit:
    """Let a run that has stopped go on from the step where it did. Raises `AuditNotFailed`."""
    audit = audit_for_update(audit_id)
    if not audit.stopped:
        raise AuditNotFailed(_("This closing has not stopped. Nothing was started."), status=audit.status)
    audit.status, audit.error, audit.lease_until = Status.RUNNING, "", None
    audit.save()
    publish(
        NightAuditResumed(
            property_id=audit.property_id,
            business_date=audit.business_date,
            version=audit.version,
            night_audit_id=audit.pk,
        )
    )
    return audit


def night_audit_run(*, audit_id: uuid.UUID) -> NightAudit:
    """Do what is left of the run and return it: succeeded, or failed at a step, from which it can be resumed.

    Raises `AuditBusy` while another worker is at it, and the database's own error when it is away or a lock could not
    be had: then the next delivery goes on. A finished run is left alone.
    """
    with act_as(via=ORIGIN, request_id=acting().request_id):
        audit = _claim(audit_id)
        return _worked(audit) if audit.status == Status.RUNNING else audit


def _worked(audit: NightAudit) -> NightAudit:
    run = _Run(audit)
    step = POST
    try:
        run.post_nights()
        step = ROLL
        with_retry(run.roll, tries=LOCK_TRIES)
        step = BALANCE
        return run.balance()
    except (AuditBusy, DatabaseError):
        raise
    except Exception as error:  # kept in the row; a person looks and resumes
        log.error("night_audit.failed", audit=str(audit.pk), step=step, exc_info=error)
        return run.fail(step, error)


def _claim(audit_id: uuid.UUID) -> NightAudit:
    with transaction.atomic():
        audit = audit_for_update(audit_id)
        if audit.status in {Status.SUCCEEDED, Status.BLOCKED}:
            return audit
        if audit.lease_until and audit.lease_until > timezone.now():
            raise AuditBusy(f"Night audit {audit_id} is being worked on.")
        audit.lease_until, audit.attempt = timezone.now() + LEASE, audit.attempt + 1
        audit.status, audit.error = Status.RUNNING, ""
        audit.save()
        return audit


class _Run:
    """One worker's turn at a run; everything it writes first makes sure that the turn is still its own."""

    def __init__(self, audit: NightAudit) -> None:
        self.pk, self.attempt = audit.pk, audit.attempt
        self.property_id, self.night = audit.property_id, audit.business_date
        self.books = Books(audit.property_id)
        self.told_at = 0.0

    def post_nights(self) -> None:
        """Post every stay that sleeps here and was not posted yet, one transaction each."""
        waiting = stay_ids_unposted(self.property_id, self.night)
        before = len(stay_ids_over(self.property_id, self.night)) - len(waiting)
        total = before + len(waiting)
        for done, stay_id in enumerate(waiting):
            if done % PROGRESS_EVERY == 0 or time.monotonic() - self.told_at > PROGRESS_SECONDS:
                self.progress(POST, "running", before + done, total)
            with_retry(lambda stay_id=stay_id: self._post(stay_id))  # type: ignore[misc]  # bound at once
            crashpoint(f"audit.posted.{done + 1}")
        self.progress(POST, "done", total, total)

    def _post(self, stay_id: uuid.UUID) -> bool:
        posted = night_post(reservation_id=stay_id, property_id=self.property_id, night=self.night, books=self.books)
        return posted > 0

    @transaction.atomic
    def roll(self) -> None:
        """Sweep once more while nobody can check in, then move the date: one transaction, so it happens once."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        lock_exclusive(Lock.BUSINESS_DAY, self.property_id)
        hotel = hotel_by_id(self.property_id)
        if hotel.business_date != self.night:  # an earlier turn rolled it and died before it could say so
            return
        late = sum(self._post(stay_id) for stay_id in stay_ids_unposted(self.property_id, self.night))
        totals = control_totals(hotel, self.night)
        business_date_roll(hotel=hotel)
        crashpoint("audit.before_commit")
        audit = self._mine()
        stays = len(stay_ids_over(self.property_id, self.night))
        audit.steps = _with(audit.steps, POST, status="done", done=stays, total=stays)
        audit.steps = _with(audit.steps, ROLL, status="done", done=1, total=1)
        audit.totals = {**audit.totals, "after": totals, "stays": stays, "late": late}
        audit.save()

    @transaction.atomic
    def balance(self) -> NightAudit:
        """Compare the folios with the books and finish; a difference stops the run with its amount."""
        difference = difference_to_books(self.property_id)
        if difference:
            raise ValueError(f"The folios differ from the books by {difference}.")
        audit = self._mine()
        hotel = hotel_by_id(self.property_id)
        audit.steps = _with(audit.steps, ROLL, status="done", done=1, total=1)
        audit.steps = _with(audit.steps, BALANCE, status="done", done=1, total=1)
        audit.status, audit.lease_until, audit.finished_at = Status.SUCCEEDED, None, timezone.now()
        audit.save()
        publish(
            NightAuditSucceeded(
                property_id=self.property_id,
                business_date=hotel.business_date,
                version=audit.version,
                night_audit_id=audit.pk,
                changes={"business_date": (self.night.isoformat(), hotel.business_date.isoformat())},
            )
        )
        return audit

    @transaction.atomic
    def progress(self, name: str, status: str, done: int, total: int) -> None:
        """Show how far a step has come, and renew the lease: whoever watches sees it on all screens."""
        audit = self._mine()
        audit.steps = _with(audit.steps, name, status=status, done=done, total=total)
        audit.lease_until = timezone.now() + LEASE
        audit.save()
        self.told_at = time.monotonic()

    @transaction.atomic
    def fail(self, name: str, error: Exception) -> NightAudit:
        """Note where the run stopped and why."""
        audit = self._mine()
        audit.steps = _with(audit.steps, name, status="failed")
        audit.status, audit.lease_until = Status.FAILED, None
        audit.error = mask_cards(str(error))[:1000]
        audit.save()
        publish(
            NightAuditFailed(
                property_id=self.property_id,
                business_date=self.night,
                version=audit.version,
                night_audit_id=audit.pk,
                step=name,
            )
        )
        return audit

    def _mine(self) -> NightAudit:
        audit = audit_for_update(self.pk)
        if audit.attempt != self.attempt or audit.status != Status.RUNNING:
            raise AuditBusy(f"Night audit {self.pk} was taken over.")
        return audit


def _with(steps: list[dict[str, Any]], name: str, **changes: Any) -> list[dict[str, Any]]:
    return [{**step, **changes} if step["name"] == name else step for step in steps]
