"""The lists of the house: how the rows of each are found, made, changed, archived and restored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Building, Feature, Floor, Property, Section
from .places.forms import FeatureForm, FloorForm, HotelRowForm, PlaceForm, RoomTypeForm
from .places.selectors import place_for, room_type_for
from .services import places, room_types


@dataclass(frozen=True)
class Kind:
    """One list of the house: how its rows are found, made, changed, archived and restored, and what they are called."""

    name: str  # of the presence and of the services' key: "floor" → floor_id
    word: Promise
    form: type[HotelRowForm]
    row: Callable[..., Any]
    add: Callable[..., Any]
    change: Callable[..., Any]
    archive: Callable[..., Any]
    restore: Callable[..., Any]

    def made(self, form: Any, hotel: Property) -> Any:
        """Make a row of what the form holds."""
        values = form.new_values() if hasattr(form, "new_values") else form.values()
        if "building" in values:
            values["building_id"] = values.pop("building")
        return self.add(property_id=hotel.pk, **values)


BUILDINGS = Kind(
    "building", _("Building"), PlaceForm, partial(place_for, Building),
    places.building_add, places.building_change, places.building_archive, places.building_restore,
)  # fmt: skip
FLOORS = Kind(
    "floor", _("Floor"), FloorForm, partial(place_for, Floor),
    places.floor_add, places.floor_change, places.floor_archive, places.floor_restore,
)  # fmt: skip
SECTIONS = Kind(
    "section", _("Section"), PlaceForm, partial(place_for, Section),
    places.section_add, places.section_change, places.section_archive, places.section_restore,
)  # fmt: skip
FEATURES = Kind(
    "feature", _("Feature"), FeatureForm, partial(place_for, Feature),
    places.feature_add, places.feature_change, places.feature_archive, places.feature_restore,
)  # fmt: skip
ROOM_TYPES = Kind(
    "room_type", _("Room type"), RoomTypeForm, room_type_for,
    room_types.room_type_add, room_types.room_type_change, room_types.room_type_archive, room_types.room_type_restore,
)  # fmt: skip
