"""What other objects may show whole of hotels: their room types and rooms (`?expand=room_type,room`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from pms.api.calls import Call
from pms.api.expansions import Expansion, by_id
from properties.models import RoomTypePhoto
from properties.permissions import Permission
from properties.places.selectors import photos_of_types
from properties.selectors import room_types_of, rooms_of

from .serializers import RoomOutput, RoomTypeOutput
from .service_state import with_service_state


def with_rooms_and_photos(hotel: Any, room_types: Sequence[Any]) -> None:
    """Give each of these types its `rooms_count` and `photos_shown`, in one question each for all."""
    photos = photos_of_types([room_type.pk for room_type in room_types], property_id=hotel.pk)
    counts = Counter(rooms_of(hotel.pk).values_list("room_type_id", flat=True))
    for room_type in room_types:
        room_type.rooms_count = counts[room_type.pk]
        room_type.photos_shown = [_photo(hotel, photo) for photo in photos[room_type.pk]]


def _photo(hotel: Any, photo: RoomTypePhoto) -> dict[str, Any]:
    files = [
        {
            "width": width,
            "height": height,
            "url": reverse("properties_api:photo", args=[hotel.code, photo.pk, side]),
        }
        for side, (width, height) in sorted(photo.sides().items())
    ]
    return {"id": photo.pk, "alt": photo.alt, "caption": photo.caption, "files": files}


def _room_types(call: Call, ids: Sequence[str]) -> Mapping[str, Any]:
    found = list(room_types_of(call.hotel.pk).filter(pk__in=ids))
    with_rooms_and_photos(call.hotel, found)
    return by_id(found)


def _rooms(call: Call, numbers: Sequence[str]) -> Mapping[str, Any]:
    found = list(rooms_of(call.hotel.pk).filter(number__in=numbers))
    with_service_state(call.hotel, found)
    return {room.number: room for room in found}


ROOM_TYPE = Expansion(_room_types, RoomTypeOutput, "rooms.read", Permission.ROOM_VIEW)
ROOM = Expansion(_rooms, RoomOutput, "rooms.read", Permission.ROOM_VIEW)
