"""Operations on hotels, room types and rooms, over the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample

from pms.accounts.access import permitted
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.files import FileApi
from pms.api.operations import operation
from pms.api.paging import Page
from pms.core.errors import NotThere
from properties.permissions import Permission, right_to_mark
from properties.places.selectors import photo_file, photo_for, room_type_for
from properties.selectors import hotels_of, room_types_of, rooms_of
from properties.services.hotels import hotel_change
from properties.services.room_types import room_type_change
from properties.services.rooms import room_change, room_mark

from . import serializers as shapes
from .expansions import ROOM_TYPE, with_rooms_and_photos
from .service_state import with_service_state

EXPAND = {"room_type": ROOM_TYPE}


class PropertyListApi(ApiView):
    """The hotels of the client."""

    tag = "properties"

    @operation(summary="List the hotels", scope="properties.read", output=shapes.PropertyOutput, paged=True)
    def get(self, call: Call) -> Page:
        """Return the hotels that the client is bound to."""
        return call.page(hotels_of(call.user), order=("code", "id"))


class PropertyApi(ApiView):
    """One hotel."""

    tag = "properties"

    @operation(
        summary="Read a hotel", scope="properties.read", right=Permission.HOTEL_VIEW, output=shapes.PropertyOutput
    )
    def get(self, call: Call) -> Any:
        """Return the hotel."""
        return call.hotel

    @operation(
        summary="Change the settings of a hotel",
        scope="properties.write",
        right=Permission.HOTEL_CHANGE,
        body=shapes.PropertyPatch,
        output=shapes.PropertyOutput,
        versioned=True,
        refusals=["stale_version", "version_required", "invalid_value"],
        examples=[OpenApiExample("Earlier check-in", {"check_in_time": "14:00"}, request_only=True)],
    )
    def patch(self, call: Call) -> Any:
        """Change what was sent, merged with what others saved meanwhile."""
        return hotel_change(property_id=call.hotel.pk, values=call.values, seen_version=call.seen)


class RoomTypeListApi(ApiView):
    """What the hotel sells."""

    tag = "rooms"

    @operation(
        summary="List the room types",
        scope="rooms.read",
        right=Permission.ROOM_VIEW,
        query=shapes.CodeQuery,
        output=shapes.RoomTypeOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the room types in use, from the simplest to the finest."""
        filters = {"code": call.query["code"]} if "code" in call.query else {}
        page = call.page(room_types_of(call.hotel.pk).filter(**filters), order=("rank", "code", "id"))
        with_rooms_and_photos(call.hotel, page.rows)
        return page


class RoomTypeApi(ApiView):
    """One room type."""

    tag = "rooms"

    @operation(summary="Read a room type", scope="rooms.read", right=Permission.ROOM_VIEW, output=shapes.RoomTypeOutput)
    def get(self, call: Call, room_type_id: uuid.UUID) -> Any:
        """Return the room type, also one that is no longer in use: stays of the past name it."""
        return _counted(call, room_type_for(call.user, Permission.ROOM_VIEW, room_type_id, hotel=call.hotel))

    @operation(
        summary="Change a room type",
        scope="rooms.manage",
        right=Permission.ROOM_CHANGE,
        body=shapes.RoomTypePatch,
        output=shapes.RoomTypeOutput,
        versioned=True,
        refusals=["stale_version", "version_required", "invalid_value", "room_type_code_taken"],
        examples=[OpenApiExample("A finer name", {"name": "Double with a view of the sea"}, request_only=True)],
    )
    def patch(self, call: Call, room_type_id: uuid.UUID) -> Any:
        """Change what was sent, merged with what others saved meanwhile."""
        kind = room_type_for(call.user, Permission.ROOM_CHANGE, room_type_id, hotel=call.hotel)
        return _counted(call, room_type_change(room_type_id=kind.pk, values=call.values, seen_version=call.seen))


class RoomTypePhotoApi(FileApi):
    """One file of a photo of a room type."""

    tag = "rooms"
    media_type = "image/webp"

    @operation(summary="Download a photo of a room type", scope="rooms.read", right=Permission.ROOM_VIEW)
    def get(self, call: Call, photo_id: uuid.UUID, side: int) -> Reply:
        """Return the smallest file whose longest side has at least `side` pixels, else the largest."""
        self.content = photo_file(photo_for(call.user, Permission.ROOM_VIEW, photo_id, hotel=call.hotel), side)
        if self.content is None:
            raise NotThere(_("That picture"))
        return Reply(headers={"Cache-Control": "private, max-age=31536000, immutable"})


class RoomListApi(ApiView):
    """The rooms of the hotel."""

    tag = "rooms"

    @operation(
        summary="List the rooms",
        scope="rooms.read",
        right=Permission.ROOM_VIEW,
        query=shapes.RoomQuery,
        output=shapes.RoomOutput,
        expand=EXPAND,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the rooms in use, in the order people count them."""
        filters = {name: call.query[name] for name in ("condition", "occupancy", "room_type") if name in call.query}
        page = call.page(rooms_of(call.hotel.pk).filter(**filters), order=("sort_key", "id"))
        with_service_state(call.hotel, page.rows)
        return page


class RoomApi(ApiView):
    """One room."""

    tag = "rooms"

    @operation(
        summary="Read a room",
        scope="rooms.read",
        right=Permission.ROOM_VIEW,
        output=shapes.RoomOutput,
        expand=EXPAND,
    )
    def get(self, call: Call, number: str) -> Any:
        """Return the room with this number."""
        return _room(call, number)

    @operation(
        summary="Change a room",
        scope="rooms.manage",
        right=Permission.ROOM_CHANGE,
        body=shapes.RoomPatch,
        output=shapes.RoomOutput,
        versioned=True,
        refusals=[
            "stale_version",
            "version_required",
            "invalid_value",
            "room_number_taken",
            "room_type_not_in_use",
            "room_made_of_others",
            "room_taken",
            "room_closed",
            "not_available",
        ],
        examples=[OpenApiExample("Another section", {"section": None, "floor": "2"}, request_only=True)],
    )
    def patch(self, call: Call, number: str) -> Any:
        """Change what was sent, merged with what others saved meanwhile; with a new number it has a new address."""
        room = room_change(room_id=_room(call, number).pk, values=call.values, seen_version=call.seen)
        return _room(call, room.number)


class RoomConditionApi(ApiView):
    """The condition of one room."""

    tag = "rooms"

    @operation(
        summary="Mark a room dirty, clean, inspected or for a touch-up",
        scope="rooms.write",
        right=Permission.ROOM_MARK,
        body=shapes.ConditionInput,
        output=shapes.RoomOutput,
        refusals=["stale_version", "room_not_in_use"],
        examples=[OpenApiExample("Cleaned", {"condition": "clean", "version": 7}, request_only=True)],
    )
    def post(self, call: Call, number: str) -> Any:
        """Mark the room; with a version, only if nobody marked it otherwise meanwhile."""
        condition = call.data["condition"]
        permitted(call.user, right_to_mark(condition), call.hotel.pk)
        room_mark(room_id=_room(call, number).pk, condition=condition, seen_version=call.seen)
        return _room(call, number)


def _counted(call: Call, room_type: Any) -> Any:
    with_rooms_and_photos(call.hotel, [room_type])
    return room_type


def _room(call: Call, number: str) -> Any:
    room = rooms_of(call.hotel.pk).filter(number=number).first()
    if room is None:
        raise NotThere(_("That room"))
    with_service_state(call.hotel, [room])
    return room
