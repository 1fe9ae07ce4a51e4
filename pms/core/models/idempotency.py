"""`IdempotencyRecord`: the answer a client was given, kept so that a repeat gets the same one."""

from __future__ import annotations

from django.db import models


class IdempotencyRecord(models.Model):
    """One answered request of one client; written in the transaction of the work itself, kept for 48 hours."""

    id = models.BigAutoField(primary_key=True)
    client = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    property_id = models.UUIDField(null=True)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="idempotency_key_once_per_client")]

    def __str__(self) -> str:
        return f"{self.client} {self.key}"
