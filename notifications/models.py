"""`Notification`: one event that one person must not miss."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from pms.core.models import Row
from properties.models import Property


class Notification(Row):
    """What a person was told, and whether she has read it. Unwatched: it is hers alone, a personal hint rings for it.

    It outlives the event (kept for 7 days), so it holds what the sentence is written from: ids and figures only.
    `code` is that of the event, or of the alert it raised (`alert.overbooked`).
    """

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    event_id = models.BigIntegerField()
    code = models.CharField(max_length=100)
    object_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True)
    via = models.CharField(max_length=16, db_default="")
    occurred_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "event_id"], name="notification_once_per_event"),
        ]
        indexes = [
            models.Index(fields=["user", "property", "-event_id"], name="notifications_newest"),
            models.Index(
                fields=["user", "property"], name="notifications_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index(fields=["created_at"], name="notifications_age"),
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.user_id}"
