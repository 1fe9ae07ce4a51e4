"""`RoomAssignment`: which room on which nights. The database refuses two stays in one bed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row
from properties.models import Property, Room

from .bookings import Reservation

ROOM_ONCE = "room_assigned_once_per_night"


class RoomAssignment(Row):
    """A room planned or used by a stay for the nights `[from, to)`; `active` ends with cancellation and no-show."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="assignments")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    nights = DateRangeField(_("nights"))
    active = models.BooleanField(default=True)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("room assignment")
        verbose_name_plural = _("room assignments")
        constraints = [
            ExclusionConstraint(
                name=ROOM_ONCE,
                expressions=[("room", RangeOperators.EQUAL), ("nights", RangeOperators.OVERLAPS)],
                condition=Q(active=True),
            ),
            models.CheckConstraint(condition=Q(nights__isempty=False), name="room_assignment_has_a_night"),
        ]
        indexes = [models.Index(fields=["reservation"], name="assignments_of_stay")]

    def __str__(self) -> str:
        return f"{self.room} {self.nights}"
