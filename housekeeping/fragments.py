"""The pieces of "My rooms" that stay fresh, and which changed stay touches which room's card."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict

from pms.core import slots
from pms.events.watch import touching
from pms.live.fragments import Audience, Fragment
from properties import cards as board
from properties.fragments import ROOM_CARD
from properties.models import Property, Room, RoomType
from properties.permissions import Permission
from properties.selectors import room_ids_of_type
from reservations.models import Guest, OutOfOrder, Reservation, RoomAssignment
from reservations.selectors.rows import room_ids_of_stay

from .cards import facts_on_card, floors_told, my_room_rows, rooms_done
from .forms import chosen_of
from .selectors import room_ids_around, room_ids_of_guest, room_ids_on_floor

PAGE = "housekeeping/my_rooms.html"


def _listed(pks: Sequence[uuid.UUID], audience: Audience, query: str) -> Sequence[uuid.UUID]:
    """Return which of these rooms stand on the page whose address has this query; its parts are the page's own."""
    floor = chosen_of(QueryDict(query))["floor"]
    return room_ids_on_floor(audience.property_id, floor, pks) if floor else pks


MY_ROOM_CARD = Fragment("my_room_card", f"{PAGE}#my-room-card", Permission.ROOM_MARK, my_room_rows, among=_listed)
MY_FLOORS = Fragment("my_floors", f"{PAGE}#my-floors", Permission.ROOM_MARK, floors_told)
ROOMS_DONE = Fragment("rooms_done", f"{PAGE}#rooms-done", Permission.ROOM_MARK, rooms_done)

# Facts of the hotel that every card with a guest shows.
CLOCK = frozenset({"business_date", "check_in_time", "check_out_time"})


def declare() -> None:
    """Put our facts on the room's card and say which rows the pieces show; called once when the app is ready."""
    facts = slots.Entry(code="stays", provider=facts_on_card, template="housekeeping/facts.html")
    slots.register(board.SLOT, facts)
    MY_ROOM_CARD.shows(Room)
    MY_ROOM_CARD.shows(RoomType, pks=lambda room_type: room_ids_of_type(room_type.pk))
    touching(Room, _of_house)
    ROOMS_DONE.shows(Room, pks=lambda room: [room.property_id])
    touching(Reservation, lambda stay: _cards(room_ids_of_stay(stay.pk)))
    touching(RoomAssignment, _in_room)
    touching(OutOfOrder, _in_room)
    touching(Guest, lambda guest: _cards(room_ids_of_guest(guest.pk)))
    touching(Property, _of_hotel)


def _of_house(room: Any) -> list[str]:
    """Rooms that come, go or move to another floor: which floors there are to choose from."""
    return [MY_FLOORS.topic(room.property_id)] if {"floor", "archived_at"} & room.changed_fields() else []


def _cards(rooms: Iterable[uuid.UUID]) -> list[str]:
    """Return both cards of each room: the board's and ours."""
    return [fragment.topic(room) for room in rooms for fragment in (ROOM_CARD, MY_ROOM_CARD)]


def _in_room(row: Any) -> list[str]:
    return _cards([row.room_id])


def _of_hotel(hotel: Any) -> list[str]:
    if not CLOCK & hotel.changed_fields():
        return []
    return _cards(
        room_ids_around(hotel.pk, {hotel.business_date, hotel.stored("business_date") or hotel.business_date})
    )
