"""Where rooms are: buildings and floors of the house, sections of housekeeping; and what rooms have (features)."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow

from .hotels import Property


class Place(VersionedRow):
    """What buildings, floors and sections have in common: a name, a place in the order, an end."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=10, db_default=10)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        abstract = True
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Building(Place):
    """A house of the hotel. A hotel with a single one needs no row."""

    class Meta(Place.Meta):
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="building_name_once_per_hotel")]


class Floor(Place):
    """A floor, in a building where the hotel has several. Its name is what `Room.floor` says."""

    building = models.ForeignKey(
        Building, on_delete=models.PROTECT, related_name="floors", null=True, blank=True, verbose_name=_("building")
    )
    name = models.CharField(_("name"), max_length=12)

    class Meta(Place.Meta):
        verbose_name = _("floor")
        verbose_name_plural = _("floors")
        constraints = [
            models.UniqueConstraint(
                fields=["property", "building", "name"], name="floor_name_once_per_building", nulls_distinct=False
            )
        ]


class Section(Place):
    """Rooms that one pair of hands cleans together; they may lie on several floors."""

    class Meta(Place.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [models.UniqueConstraint(fields=["property", "name"], name="section_name_once_per_hotel")]


class Feature(Place):
    """Something a room has: balcony, sea view, accessible. Types and rooms name it by its code, which never changes."""

    code = models.CharField(
        _("code"),
        max_length=30,
        validators=[RegexValidator(r"^[a-z0-9_]{2,30}$", _("Use small letters, digits and _, such as sea_view."))],
    )

    class Meta(Place.Meta):
        verbose_name = _("feature")
        verbose_name_plural = _("features")
        constraints = [models.UniqueConstraint(fields=["property", "code"], name="feature_code_once_per_hotel")]
