"""`RoomAssignment`: which room on which nights. The database refuses two stays in one bed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row, RowQuerySet
from properties.models import Property, Room

from .bookings import Reservation

ROOM_ONCE = "room_assigned_once_per_night"


class PlannedRooms(models.Manager.from_queryset(RowQuerySet)):  # type: ignore[misc]  # made at run time
    """Rooms as they were planned, without what they hold in their parts."""

    def get_queryset(self) -> QuerySet[RoomAssignment]:
        """Leave out the rows of parts."""
        rows: QuerySet[RoomAssignment] = super().get_queryset()
        return rows.filter(part_of=None)


class RoomAssignment(Row):
    """A room planned or used by a stay for the nights `[from, to)`; `active` ends with cancellation and no-show."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="assignments")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    nights = DateRangeField(_("nights"))
    active = models.BooleanField(default=True)
    # A stay in a room made of others holds each of them by a row of its own: so the constraint keeps others out.
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, related_name="in_parts", null=True, editable=False)

    # What was planned; `everywhere` also finds what that holds in the parts of its rooms.
    objects: ClassVar[PlannedRooms] = PlannedRooms()
    everywhere = RowQuerySet.as_manager()

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
        base_manager_name = "everywhere"

    def nights_stored(self) -> Any:
        """Return the nights that the stored row holds, None if it holds none."""
        return self.stored("nights") if self.stored("active") else None

    def __str__(self) -> str:
        return f"{self.room} {self.nights}"
