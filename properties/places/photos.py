"""What the page of a room type shows of its photos: one piece for all of them, drawn anew when one changes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from pms.live.fragments import Audience
from properties.models import RoomTypePhoto
from properties.selectors import hotel_by_id

from .selectors import photos_of_types


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a photo for the browser to choose from."""

    url: str
    width: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo in its place; `earlier` and `later` are the orders that move it by one."""

    row: RoomTypePhoto
    sources: Sequence[Source]
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class PhotoList:
    """The photos of one room type, the cover first."""

    pk: uuid.UUID
    code: str
    photos: Sequence[Shown]


def photo_lists(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, PhotoList]:
    """Return the photos of those of these room types that are the audience's hotel's."""
    photos = photos_of_types(pks, property_id=audience.property_id)
    code = hotel_by_id(audience.property_id).code if photos else ""
    return {pk: PhotoList(pk, code, _shown(code, rows)) for pk, rows in photos.items()}


def _shown(code: str, photos: Sequence[RoomTypePhoto]) -> list[Shown]:
    keys = [str(photo.pk) for photo in photos]
    return [
        Shown(photo, sources(code, photo), _swapped(keys, place - 1), _swapped(keys, place))
        for place, photo in enumerate(photos)
    ]


def sources(code: str, photo: RoomTypePhoto) -> list[Source]:
    """Return the addresses of the photo's files, the smallest first."""
    return [
        Source(reverse("properties:show_photo", args=[code, photo.pk, side]), width)
        for side, (width, _height) in sorted(photo.sides().items())
    ]


def _swapped(keys: Sequence[str], place: int) -> str:
    """Return the order with this one and the next exchanged; empty: there is none before or after."""
    if not 0 <= place < len(keys) - 1:
        return ""
    return ",".join([*keys[:place], keys[place + 1], keys[place], *keys[place + 2 :]])
