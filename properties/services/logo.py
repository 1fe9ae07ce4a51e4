"""The logo of a hotel: in the frame of its pages and on what it prints."""

from __future__ import annotations

import uuid

from django.db import transaction

from pms.core.pictures import Picture, file_read, files_write
from pms.events.publish import publish
from properties.events import HotelChanged
from properties.models import Property
from properties.selectors import hotel_for_update

SIDE = 640


def logo_folder(property_id: uuid.UUID) -> str:
    """Return where the files of the hotel's logo lie."""
    return f"{property_id}/logo"


def logo_of(hotel: Property) -> bytes | None:
    """Return the hotel's logo as WebP; None: it has none, or the storage has lost it."""
    return file_read(logo_folder(hotel.pk), hotel.logo, SIDE) if hotel.logo else None


def logo_set(*, property_id: uuid.UUID, picture: Picture) -> Property:
    """Give the hotel this logo instead of the one it has."""
    # Named by its content; that of an earlier logo stays: somebody may choose it again at this moment.
    files_write(logo_folder(property_id), Picture(picture.digest, picture.width, picture.height, _one_file(picture)))
    return _logo_put(property_id=property_id, digest=picture.digest)


def logo_remove(*, property_id: uuid.UUID) -> Property:
    """Let the hotel have no logo of its own."""
    return _logo_put(property_id=property_id, digest="")


@transaction.atomic
def _logo_put(*, property_id: uuid.UUID, digest: str) -> Property:
    hotel = hotel_for_update(property_id)
    before = hotel.logo
    if before == digest:
        return hotel
    hotel.logo = digest
    hotel.save()
    publish(
        HotelChanged(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=hotel.version,
            changes={"logo": (before, digest)},
        )
    )
    return hotel


def _one_file(picture: Picture) -> dict[int, bytes]:
    """Return the largest file under one name, whatever its size: who shows a logo need not know it."""
    return {SIDE: picture.files[max(picture.files)]}
