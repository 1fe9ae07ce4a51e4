"""The piece of the house page that stays fresh."""

from __future__ import annotations

from pms.live.fragments import Fragment
from pms.live.places import place
from properties.models import Building, Feature, Floor, Place, Room, RoomType, RoomTypePhoto, Section
from properties.permissions import Permission

from .pages import houses
from .photos import photo_lists

HOUSE = Fragment(
    name="house_lists", template="properties/house.html#house-lists", right=Permission.ROOM_CHANGE, rows=houses
)
PHOTOS = Fragment(
    name="room_type_photos",
    template="properties/photos.html#room-type-photos",
    right=Permission.ROOM_CHANGE,
    rows=photo_lists,
)


def declare() -> None:
    """Say which rows the piece shows; called once when the app is ready."""
    models: tuple[type[Place] | type[Room] | type[RoomType], ...] = (Building, Floor, Section, Feature, RoomType, Room)
    for model in models:
        HOUSE.shows(model, pks=lambda row: [row.property_id])
    PHOTOS.shows(RoomTypePhoto, pks=lambda photo: [photo.room_type_id])
    PHOTOS.shows(RoomType)
    for name, model in (("building", Building), ("floor", Floor), ("section", Section), ("feature", Feature)):
        place(name, Permission.ROOM_CHANGE, model)
