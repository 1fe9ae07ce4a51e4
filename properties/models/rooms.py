"""`RoomType` (what is sold) and `Room` (where a guest sleeps), with its condition and occupancy."""

from __future__ import annotations

import re
import uuid
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow

from .hotels import Property
from .places import Floor, Section


class RoomType(VersionedRow):
    """What a hotel sells; `rank` orders types from the simplest to the finest and says where upgrades go."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="room_types")
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=100)
    rank = models.PositiveSmallIntegerField(_("rank"), default=10)
    max_adults = models.PositiveSmallIntegerField(_("adults at most"), default=2)
    max_children = models.PositiveSmallIntegerField(_("children at most"), default=0)
    # Infants in cots do not count (domain: properties/capacity.py); None: adults, children and extra beds together.
    max_occupancy = models.PositiveSmallIntegerField(_("persons at most"), null=True, blank=True)
    extra_beds = models.PositiveSmallIntegerField(_("extra beds"), default=0, db_default=0)
    cots = models.PositiveSmallIntegerField(_("cots"), default=0, db_default=0)
    features = ArrayField(
        models.CharField(max_length=30), default=list, db_default=[], blank=True, verbose_name=_("features")
    )
    description = models.TextField(_("description"), max_length=2000, blank=True, default="", db_default="")
    inspect_departures = models.BooleanField(_("departures need an inspection"), default=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"
    # What a person may change, in the order in which a page asks for it.
    CHANGEABLE: ClassVar[tuple[str, ...]] = (
        "code",
        "name",
        "rank",
        "max_adults",
        "max_children",
        "max_occupancy",
        "extra_beds",
        "cots",
        "features",
        "description",
        "inspect_departures",
    )

    class Meta:
        verbose_name = _("room type")
        verbose_name_plural = _("room types")
        ordering = ["rank", "code"]
        constraints = [
            models.UniqueConstraint(fields=["property", "code"], name="room_type_code_once_per_hotel"),
            models.CheckConstraint(condition=models.Q(max_adults__gte=1), name="room_type_sleeps_somebody"),
            models.CheckConstraint(
                condition=models.Q(max_occupancy=None) | models.Q(max_occupancy__gte=1),
                name="room_type_holds_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Room(VersionedRow):
    """An actual room. `number` is text; `sort_key` orders numbers as people do (9 before 10), without collations.

    Condition and occupancy are two independent axes (domain.md 5): housekeeping sets the one, only the system sets
    the other.
    """

    class Condition(models.TextChoices):
        DIRTY = "dirty", _("dirty")
        CLEAN = "clean", _("clean")
        INSPECTED = "inspected", _("inspected")
        TOUCH_UP = "touch_up", _("touch-up")

    class Occupancy(models.TextChoices):
        VACANT = "vacant", _("vacant")
        OCCUPIED = "occupied", _("occupied")

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="rooms")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="rooms")
    number = models.CharField(_("number"), max_length=12)
    sort_key = models.CharField(max_length=60, editable=False)
    # The name of `on_floor`, written by the services alone: lists, phones and partners read it without a join.
    floor = models.CharField(_("floor"), max_length=12, blank=True)
    on_floor = models.ForeignKey(
        Floor, on_delete=models.PROTECT, related_name="rooms", null=True, blank=True, verbose_name=_("floor")
    )
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="rooms", null=True, blank=True, verbose_name=_("section")
    )
    features = ArrayField(
        models.CharField(max_length=30), default=list, db_default=[], blank=True, verbose_name=_("features")
    )
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.CLEAN)
    occupancy = models.CharField(
        _("occupancy"), max_length=8, choices=Occupancy.choices, default=Occupancy.VACANT, editable=False
    )
    # A room made of others says which (keys, in house order), and each of them says of which room it is a part: both
    # are written by `properties.services.room_parts` alone.
    parts = ArrayField(
        models.CharField(max_length=36), default=list, db_default=[], blank=True, verbose_name=_("made of")
    )
    part_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["property", "number"], name="room_number_once_per_hotel"),
            models.CheckConstraint(
                condition=models.Q(part_of=None) | models.Q(parts=[]), name="room_part_has_no_parts"
            ),
        ]
        indexes = [
            models.Index(fields=["property", "sort_key"], name="rooms_in_order"),
            models.Index(fields=["property"], condition=~models.Q(part_of=None), name="rooms_that_are_parts"),
        ]

    def __str__(self) -> str:
        return self.number

    def beds(self) -> list[uuid.UUID]:
        """Return the keys of all that a guest of this room has: the room and its parts."""
        return [self.pk, *(uuid.UUID(part) for part in self.parts)]

    def save(self, *args: Any, **options: Any) -> None:
        """Keep the sort key in step with the number on every path, the admin included."""
        self.sort_key = human_order(self.number)
        super().save(*args, **options)


class RoomTypeSpan(VersionedRow):
    """Of which type a room is on which days: `[from, to)`, open ends for ever. A room without spans never changed."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="type_spans")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", verbose_name=_("room type"))
    days = DateRangeField(_("days"))

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("type of a room")
        verbose_name_plural = _("types of rooms")
        constraints = [
            ExclusionConstraint(
                name="room_has_one_type_a_day",
                expressions=[("room", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(days__isempty=False), name="room_type_span_has_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.room_type} {self.days}"


class RoomConnection(VersionedRow):
    """Two rooms with a door between them; `first` is the one with the smaller key, so that a pair is told once."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    first = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("connecting rooms")
        verbose_name_plural = _("connecting rooms")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="rooms_connected_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="room_pair_in_order"),
        ]
        indexes = [models.Index(fields=["property"], name="connections_of_hotel")]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}"


def human_order(text: str) -> str:
    """Return a key under which "9" stands before "10" and "2A" before "2B" (bytewise comparison)."""
    return re.sub(r"\d+", lambda digits: digits.group().zfill(8), text.casefold())
