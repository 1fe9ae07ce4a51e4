"""`OutOfOrder`: a room that cannot be used, or had better not be, for some nights (domain.md 5)."""

from __future__ import annotations

import builtins
import datetime as dt
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from properties.models import Property, Room

CLOSED_ONCE = "room_closed_once_per_night"


class OutOfOrder(VersionedRow):
    """A room out of order (nobody gets it, it is not for sale) or out of service (it may be given, with a warning).

    For the nights `[from, to)`; `active` ends when it was taken back before its first night.
    """

    class Kind(models.TextChoices):
        OUT_OF_ORDER = "out_of_order", _("out of order")
        OUT_OF_SERVICE = "out_of_service", _("out of service")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+", verbose_name=_("room"))
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    nights = DateRangeField(_("nights"))
    reason = models.CharField(_("reason"), max_length=200)
    return_condition = models.CharField(
        _("condition afterwards"), max_length=10, choices=Room.Condition.choices, default=Room.Condition.DIRTY
    )
    active = models.BooleanField(default=True)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("closed room")
        verbose_name_plural = _("closed rooms")
        constraints = [
            ExclusionConstraint(
                name=CLOSED_ONCE,
                expressions=[("room", RangeOperators.EQUAL), ("nights", RangeOperators.OVERLAPS)],
                condition=Q(active=True),
            ),
            models.CheckConstraint(condition=Q(nights__isempty=False), name="closed_room_has_a_night"),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.get_kind_display()}"

    @builtins.property  # the field `property` hides the builtin in this class
    def first(self) -> dt.date:
        """Return its first night."""
        return self.nights.lower  # type: ignore[no-any-return]  # a range of dates

    @builtins.property
    def last(self) -> dt.date:
        """Return its last night."""
        until: dt.date = self.nights.upper
        return until - dt.timedelta(days=1)
