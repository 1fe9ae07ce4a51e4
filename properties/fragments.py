"""The pieces of hotel pages that stay fresh: the day in every frame, rooms, and how many are in which condition."""

from __future__ import annotations

from pms.live.fragments import Fragment

from .cards import room_counts, room_rows
from .models import Property, Room, RoomType
from .permissions import Permission
from .selectors import room_ids_of_type
from .shell import business_days

BUSINESS_DATE = Fragment(
    name="business_date",
    template="components/business_date.html",
    right=Permission.HOTEL_VIEW,
    rows=business_days,
    everywhere=True,
)
ROOM_CARD = Fragment(
    name="room_card", template="properties/rooms.html#room-card", right=Permission.ROOM_VIEW, rows=room_rows
)
ROOM_COUNTS = Fragment(
    name="room_counts", template="properties/rooms.html#room-counts", right=Permission.ROOM_VIEW, rows=room_counts
)


def declare() -> None:
    """Say which rows the pieces show; called once when the app is ready."""
    BUSINESS_DATE.shows(Property)
    ROOM_CARD.shows(Room)
    ROOM_CARD.shows(RoomType, pks=lambda room_type: room_ids_of_type(room_type.pk))
    ROOM_COUNTS.shows(Room, pks=lambda room: [room.property_id])
