"""Photos of what a hotel sells. The pictures themselves lie in the storage, by the digest of their content."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow
from pms.core.pictures import sides_of

from .hotels import Property
from .rooms import RoomType


class RoomTypePhoto(VersionedRow):
    """A photo of a room type; the first in order is its cover. Its picture never changes: a new one is a new row."""

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="photos")
    order = models.PositiveSmallIntegerField(_("order"))
    alt = models.CharField(_("what is to be seen"), max_length=200, blank=True, default="", db_default="")
    caption = models.CharField(_("caption"), max_length=200, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, editable=False)
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["order", "id"]
        indexes = [models.Index(fields=["room_type", "order"], name="photos_of_type")]

    def __str__(self) -> str:
        return self.alt or self.caption or self.room_type.name

    def folder(self) -> str:
        """Return where its files lie: of no other photo and of no other hotel."""
        return f"{self.property_id}/photos/{self.pk}"

    def sides(self) -> dict[int, tuple[int, int]]:
        """Return width and height of its files, by longest side."""
        return sides_of(self.width, self.height)
