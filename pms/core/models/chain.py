"""The chain over the audit log: `AuditSeal` for each entry, `AuditCheck` for each look through a chain."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

# The chain of entries that belong to no single hotel: rows of an organization, sign-ins.
INSTALLATION = uuid.UUID(int=0)


class AuditSeal(models.Model):
    """The place of one audit entry in the chain of its hotel, given after the commit and never changed.

    `hash` follows from the hash before it, the entry's circumstances and `digest`. `digest` follows from `salt` and
    the entry's values (names, old and new). So values and salt can be erased together, and the chain still verifies
    (docs/adr/0016-audit-entries-are-sealed-after-the-commit.md).
    """

    # A plain key: a seal has to outlive the entry that somebody deletes, else nobody would miss it.
    entry_id = models.BigIntegerField(primary_key=True)
    property_id = models.UUIDField(help_text="The chain: a hotel, or the nil UUID for that of the installation.")
    seq = models.BigIntegerField()
    salt = models.BinaryField(null=True)
    digest = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    append_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["property_id", "seq"], name="audit_seal_once_per_place")]

    def __str__(self) -> str:
        return f"{self.property_id} {self.seq}"


class AuditCheck(models.Model):
    """One look through a chain from its beginning: when, over how many entries, and what was wrong.

    `findings` is a list of `{kind, seq, entry, text}`; `finished_at` is empty while a worker is at it.
    """

    id = models.BigAutoField(primary_key=True)
    property_id = models.UUIDField()
    asked_by_id = models.UUIDField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    entries = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["property_id", "-id"], name="audit_check_of_chain")]

    def __str__(self) -> str:
        return f"{self.property_id} {self.started_at:%Y-%m-%d %H:%M}"
