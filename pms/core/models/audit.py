"""`AuditEntry`: who changed what, when, from where, in which request."""

from __future__ import annotations

import uuid
from typing import ClassVar

from auditlog.models import AbstractLogEntry
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class AuditEntry(AbstractLogEntry):
    """An entry of the audit log, written in the transaction of the change it tells of, and never changed again.

    `property_id` is a plain id, not a foreign key: the kernel depends on no domain table (architecture.md 2).
    Its place in the chain is an `AuditSeal`, written after the commit and never by the writer.
    """

    # Typed by hand: the base class of django-auditlog is untyped, so the plugin sees no model here.
    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    property_id: models.UUIDField[uuid.UUID | None, uuid.UUID | None] = models.UUIDField(null=True, editable=False)
    request_id: models.CharField[str, str] = models.CharField(max_length=64, blank=True, editable=False)
    via: models.CharField[str, str] = models.CharField(max_length=16, blank=True, editable=False)
    act: models.CharField[str, str] = models.CharField(max_length=100, blank=True, editable=False)

    append_only: ClassVar[bool] = True

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["property_id", "-id"], name="audit_of_property"),
            models.Index(fields=["request_id"], name="audit_of_request", condition=~models.Q(request_id="")),
            # Rows of an organization and people belong to several hotels: each finds its own by this one.
            GinIndex(fields=["additional_data"], name="audit_of_many", condition=models.Q(property_id__isnull=True)),
            models.Index(fields=["object_pk", "-id"], name="audit_of_object"),
        ]
