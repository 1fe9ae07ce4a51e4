"""`RoomTypeNight`: the counters that decide whether a room can be sold (domain.md 3, architecture.md 5)."""

from __future__ import annotations

import builtins

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from properties.models import Property, RoomType


class RoomTypeNight(models.Model):
    """How much of a room type is there, and gone, in one night; `room_type` NULL is the house as a whole.

    Only the function `inventory_move` (sql/inventory.sql) changes these rows. `forced` is how far the house was sold
    beyond its limit through the forced door (an OTA booking, an override); it is always explained by listed stays.
    """

    id = models.BigAutoField(primary_key=True)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="+")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+", null=True)
    night = models.DateField()
    physical = models.IntegerField(_("rooms"))
    out_of_order = models.IntegerField(default=0)
    sold = models.IntegerField(default=0)
    block = models.IntegerField(default=0)
    hold = models.IntegerField(default=0)
    # Rooms that rooms made of others take from the type, or that those cannot give (docs/adr/0022).
    bound = models.IntegerField(default=0, db_default=0)
    limit = models.IntegerField(_("overbooking limit"), default=0)
    forced = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["property", "night", "room_type"], name="inventory_once_per_night", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(
                    physical__gte=0,
                    out_of_order__gte=0,
                    sold__gte=0,
                    block__gte=0,
                    hold__gte=0,
                    bound__gte=0,
                    forced__gte=0,
                ),
                name="inventory_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    physical__gte=F("sold")
                    + F("block")
                    + F("hold")
                    + F("bound")
                    + F("out_of_order")
                    - F("limit")
                    - F("forced")
                ),
                name="inventory_not_oversold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.night} {self.room_type_id or 'house'}: {self.available}"

    @builtins.property  # the field `property` hides the builtin in this class
    def available(self) -> int:
        """Return what is left; negative shows an oversell (the sellable view never is)."""
        return self.physical - self.out_of_order - self.sold - self.block - self.hold - self.bound + self.limit
