"""The event stream of each property, its head, and the deliveries owed to receivers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class StreamEvent(models.Model):
    """One piece of news: a row changed, or something happened (architecture.md 4).

    Inserted with `seq` NULL in the transaction of the change; the database numbers all rows of the transaction at
    commit (`sql/number_stream.sql`), so a reader of "after seq n" never misses a late commit. Kept for 7 days.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed", "row changed"
        HAPPENED = "happened", "happened"

    id = models.BigAutoField(primary_key=True)
    property_id = models.UUIDField()
    seq = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    code = models.CharField(max_length=100)
    object_type = models.CharField(max_length=50)
    object_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(null=True)
    business_date = models.DateField(null=True)
    payload = models.JSONField(default=dict)
    # The pieces of open pages that show the row, or what the event tells of, as "fragment:pk".
    touches = ArrayField(models.CharField(max_length=120), default=list)
    actor_id = models.UUIDField(null=True)
    via = models.CharField(max_length=16, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField(auto_now_add=True)

    append_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="stream_unnumbered", condition=models.Q(seq=None)),
            models.Index(fields=["occurred_at"], name="stream_age"),
            models.Index(fields=["property_id", "seq"], name="stream_happened", condition=models.Q(kind="happened")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["property_id", "seq"], name="stream_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.code}"


class StreamHead(models.Model):
    """The highest number given in a property's stream, and the epoch that tells a restored database apart."""

    property_id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    epoch = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return f"{self.property_id} {self.seq}"


class Delivery(models.Model):
    """One event owed to one `@after` receiver: at least once, in the order of the stream per receiver."""

    class State(models.TextChoices):
        PENDING = "pending", "waiting"
        DONE = "done", "delivered"
        PARKED = "parked", "parked"
        DROPPED = "dropped", "given up"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(StreamEvent, on_delete=models.CASCADE, related_name="deliveries")
    receiver = models.CharField(max_length=150)
    property_id = models.UUIDField()
    seq = models.BigIntegerField(null=True, editable=False)  # the event's, given with it at the commit
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True)
    # Since when it has been tried; none: never, or not since it was sent again.
    first_tried_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            models.Index(
                fields=["receiver", "property_id", "seq"],
                name="delivery_lane",
                condition=models.Q(state="pending"),
            ),
            models.Index(fields=["state", "id"], name="delivery_parked", condition=models.Q(state="parked")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "receiver"], name="delivery_once_per_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.receiver}"

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the hotel it belongs to."""
        return (self.property_id,)


class Canary(models.Model):
    """The last sign of life of one queue: a task that the clock sent, a worker got, and this row tells of.

    One row for each queue, written at every arrival and watched by nobody.
    """

    queue = models.CharField(max_length=60, primary_key=True)
    arrived_at = models.DateTimeField()
    # From the clock to the worker; NULL: the sender did not say when it sent.
    round_trip_ms = models.PositiveIntegerField(null=True)
    # When people were told that it is late; NULL while it is not.
    alarmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "canaries"

    def __str__(self) -> str:
        return f"{self.queue} {self.arrived_at:%H:%M:%S}"


class History(models.Model):
    """Which history the database tells (`history`): one row, which a copy that was put back does not fit."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=60, blank=True)  # identity and timeline of the server; empty: not noted yet
    mark = models.UUIDField(default=uuid.uuid4)  # another one after each restore

    class Meta:
        verbose_name_plural = "histories"

    def __str__(self) -> str:
        return self.origin
