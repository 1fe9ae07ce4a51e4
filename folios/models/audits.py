"""`NightAudit`: the closing of one business date, resumable at the step where it stopped."""

from __future__ import annotations

import builtins
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from properties.models import Property

# Workers take a run over on their own; after so long nobody did, and a person may let it go on.
ORPHANED_AFTER = timedelta(minutes=1)


class NightAudit(VersionedRow):
    """One run per hotel and business date (unique: a second start is refused).

    `lease_until` says whose turn it is: a worker renews it while it works; once it has run out, another one resumes.
    `attempt` counts the turns: a worker that slept through its lease finds a higher number and stops.
    `steps` is a list of `{"name", "status": waiting|running|done|failed, "done", "total"}`; `blockers` what stood
    against a start; `totals` the control figures before and after.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        BLOCKED = "blocked", _("blocked")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    business_date = models.DateField(_("business date"))
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.RUNNING)
    steps = models.JSONField(default=list)
    blockers = models.JSONField(default=list)
    totals = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    # Who started it; a plain id, as in postings.
    user_id = models.UUIDField(null=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("night audit")
        verbose_name_plural = _("night audits")
        ordering = ["-business_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["property", "business_date"],
                condition=~models.Q(status="blocked"),
                name="night_audit_once_per_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.property.code} {self.business_date}"

    @builtins.property  # the field `property` hides the builtin in this class
    def stopped(self) -> bool:
        """Tell whether nobody works on the run any more although it is not finished."""
        if self.status == self.Status.FAILED:
            return True
        orphaned = self.lease_until is not None and self.lease_until + ORPHANED_AFTER < timezone.now()
        return self.status == self.Status.RUNNING and orphaned
