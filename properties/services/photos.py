"""Photos of room types: added, described, put in order, removed. Files are written before the row and deleted after it.

So nothing waits for the storage while rows are locked, a page never shows a photo whose file is not there, and the
worst that a crash leaves is a file that nobody names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from pms.core.errors import NotThere
from pms.core.pictures import Picture, files_delete, files_write
from pms.events.publish import publish
from properties.errors import PhotosChanged, TooManyPhotos
from properties.events import RoomTypePhotosChanged
from properties.models import RoomType, RoomTypePhoto
from properties.places.selectors import photo_for_update, photos_of_type
from properties.selectors import room_type_for_update

from .changes import apply, check

MOST = 40
CHANGEABLE = frozenset({"alt", "caption"})


def photo_add(*, room_type: RoomType, picture: Picture, alt: str = "", caption: str = "") -> RoomTypePhoto:
    """Add a photo after the others of the room type; the first of a type is its cover. Raises `TooManyPhotos`."""
    photo = RoomTypePhoto(
        property_id=room_type.property_id,
        room_type=room_type,
        alt=alt,
        caption=caption,
        digest=picture.digest,
        width=picture.width,
        height=picture.height,
        order=0,
    )
    check(photo)
    files_write(photo.folder(), picture)
    try:
        with transaction.atomic():
            return _added(photo)
    except Exception:
        files_delete(photo.folder(), photo.digest, list(picture.files))
        raise


@transaction.atomic
def photo_change(
    *,
    photo_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> RoomTypePhoto:
    """Say what is to be seen on a photo, merged with what others saved since `seen_version`.

    Raises `NotThere`, `StaleVersion`, `InvalidValue`.
    """
    photo = photo_for_update(photo_id)
    if apply(photo, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals):
        photo.save()
        _tell(photo.room_type)
    return photo


@transaction.atomic
def photo_remove(*, photo_id: uuid.UUID) -> None:
    """Remove a photo for good; who asks for its files finds nothing from now on. Raises `NotThere`."""
    photo = photo_for_update(photo_id)
    gone = partial(files_delete, photo.folder(), photo.digest, list(photo.sides()))
    photo.delete()
    _tell(photo.room_type)
    transaction.on_commit(gone, robust=True)


@transaction.atomic
def photos_order(*, room_type_id: uuid.UUID, order: Sequence[uuid.UUID]) -> list[RoomTypePhoto]:
    """Put the photos of a room type in this order; the first is the cover.

    Raises `PhotosChanged` when these are not the photos it has now: somebody added or removed one meanwhile.
    """
    room_type = room_type_for_update(room_type_id)
    photos = {photo.pk: photo for photo in photos_of_type(room_type_id)}
    if len(order) != len(photos) or set(order) != set(photos):
        raise PhotosChanged
    moved = False
    for place, pk in enumerate(order, start=1):
        if photos[pk].order != place:
            photos[pk].order = place
            photos[pk].save()
            moved = True
    if moved:
        _tell(room_type)
    return [photos[pk] for pk in order]


def _added(photo: RoomTypePhoto) -> RoomTypePhoto:
    room_type = room_type_for_update(photo.room_type_id)
    others = list(photos_of_type(room_type.pk))
    if len(others) >= MOST:
        raise TooManyPhotos(most=MOST)
    if room_type.archived_at is not None:
        raise NotThere(str(RoomType._meta.verbose_name))
    photo.order = max((other.order for other in others), default=0) + 1
    photo.save()
    _tell(room_type)
    return photo


def _tell(room_type: RoomType) -> None:
    publish(
        RoomTypePhotosChanged(
            property_id=room_type.property_id,
            business_date=room_type.property.business_date,
            room_type_id=room_type.pk,
        )
    )
