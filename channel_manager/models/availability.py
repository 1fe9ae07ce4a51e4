"""What the channels still have to hear, and what they were told last."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from properties.models import RoomType

from .connections import ChannelConnection


class DirtyRange(models.Model):
    """Nights whose value may have changed since the channel heard of them; `room_type` NULL means every type.

    Written in the transaction of the change, deleted when the channel has the present values: a level, not an edge
    (architecture.md 9).
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="dirty")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True)
    first = models.DateField()
    last = models.DateField()
    at = models.DateTimeField(auto_now_add=True)

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        indexes = [models.Index(fields=["connection", "id"], name="dirty_in_order")]

    def __str__(self) -> str:
        return f"{self.first} … {self.last}"


class SentValue(models.Model):
    """The number of rooms to sell that the channel acknowledged last, per room and night.

    A cell without a row is unknown (never sent, or sent without hearing an answer) and is sent again.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(ChannelConnection, on_delete=models.PROTECT, related_name="sent")
    external_room = models.CharField(max_length=60)
    night = models.DateField()
    value = models.PositiveSmallIntegerField()
    acknowledged_at = models.DateTimeField()

    tenant_path: ClassVar[str] = "connection__property_id"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_room", "night"], name="sent_value_once_per_night"),
        ]

    def __str__(self) -> str:
        return f"{self.external_room} {self.night}: {self.value}"
