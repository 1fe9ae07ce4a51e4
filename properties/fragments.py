"""The pieces of hotel pages that stay fresh: the day in every frame, rooms, and how many are in which condition."""

from __future__ import annotations

from django.urls import reverse

from pms.api.models import Job, JobChunk
from pms.core import slots
from pms.events.models import Delivery
from pms.events.unwatched import showing
from pms.live.fragments import Fragment
from pms.live.places import place

from .background import ABOUT, standing_work, work_counts
from .cards import room_counts, room_rows
from .models import Building, Floor, Membership, Property, Room, RoomType
from .permissions import Permission
from .places.selectors import room_ids_at
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

# One per hotel, named by it: what stands still of the background work, and how much of it waits for a person.
STANDING_WORK = Fragment(
    "standing_work", "properties/background.html#standing-work", Permission.WORK_MANAGE, standing_work
)
WORK_COUNT = Fragment(
    "work_count", "properties/background_count.html", Permission.WORK_MANAGE, work_counts, everywhere=True
)


def _room_board(code: str, pk: object) -> str:
    return reverse("properties:list_rooms", args=[code]) + f"#room-card-{pk}"


def declare() -> None:
    """Say which rows the pieces show; called once when the app is ready."""
    place("hotel", Permission.HOTEL_CHANGE, Property)
    place("staff", Permission.STAFF_CHANGE, Membership)
    place("room", Permission.ROOM_VIEW, Room)
    place("room_type", Permission.ROOM_VIEW, RoomType)
    slots.register(ABOUT, slots.Entry(code="room", provider=_room_board, right=Permission.ROOM_VIEW))
    showing(Delivery, lambda hotel: [STANDING_WORK.topic(hotel.pk), WORK_COUNT.topic(hotel.pk)])
    showing(JobChunk, lambda hotel: [STANDING_WORK.topic(hotel.pk)])
    STANDING_WORK.shows(Job, pks=lambda job: [job.property_id])
    BUSINESS_DATE.shows(Property)
    ROOM_CARD.shows(Room)
    ROOM_CARD.shows(RoomType, pks=lambda room_type: room_ids_of_type(room_type.pk))
    ROOM_CARD.shows(Floor, pks=lambda floor: room_ids_at(floor.property_id, on_floor=floor.pk))
    ROOM_CARD.shows(Building, pks=lambda house: room_ids_at(house.property_id, on_floor__building=house.pk))
    ROOM_COUNTS.shows(Room, pks=lambda room: [room.property_id])
