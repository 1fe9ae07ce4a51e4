"""Reactions to the hotel's own news: stock follows the rooms and the business date."""

from __future__ import annotations

from pms.events.models import StreamEvent
from pms.events.receivers import after, within
from properties.events import (
    BusinessDateRolled,
    HotelOpened,
    RoomArchived,
    RoomArchiving,
    RoomChanging,
    RoomPartsChanging,
    RoomRestored,
    RoomsAdding,
    RoomTypeAdded,
)
from properties.places.selectors import room_by_id
from properties.selectors import hotel_by_id

from .services.closed_rooms import refuse_out_of_order
from .services.house import room_counted, room_parts_counted, room_retyped, rooms_added_counted
from .services.inventory import inventory_open, inventory_open_type
from .services.out_of_order import out_of_order_returned
from .services.stays import room_release_check


@after(HotelOpened)
def open_nights(event: StreamEvent) -> None:
    """A new hotel can sell once its first rooms are in: in the same transaction they would be counted one by one."""
    inventory_open(hotel=hotel_by_id(event.property_id))


@within(BusinessDateRolled)
def open_next_night(event: BusinessDateRolled) -> None:
    """The horizon moves with the business date."""
    inventory_open(hotel=hotel_by_id(event.property_id))


@within(BusinessDateRolled)
def open_closed_rooms(event: BusinessDateRolled) -> None:
    """Rooms whose last closed night is over are open again, in the condition that was said."""
    out_of_order_returned(hotel=hotel_by_id(event.property_id))


@within(RoomTypeAdded)
def open_new_type(event: RoomTypeAdded) -> None:
    """Rooms can be added to a type only in nights that it has open."""
    inventory_open_type(hotel=hotel_by_id(event.property_id), room_type_id=event.room_type_id)


@within(RoomsAdding)
def count_new_rooms(event: RoomsAdding) -> None:
    """So many more rooms can be sold in every open night."""
    rooms_added_counted(hotel=hotel_by_id(event.property_id), counts=event.counts)


@within(RoomChanging)
def count_changed_room(event: RoomChanging) -> None:
    """The room moves from one type's counters to another's, now or from a later night on."""
    hotel = hotel_by_id(event.property_id)
    room_retyped(hotel=hotel, room_id=event.room_id, moves=event.moves, forced=event.forced)


@within(RoomPartsChanging)
def count_room_parts(event: RoomPartsChanging) -> None:
    """The room and its parts are sold from one stock."""
    room_parts_counted(hotel=hotel_by_id(event.property_id), room_id=event.room_id, beds=event.beds)


@within(RoomArchiving)
def refuse_planned_room(event: RoomArchiving) -> None:
    """A room with stays planned into it, or counted as out of order, does not leave the house."""
    hotel = hotel_by_id(event.property_id)
    room_release_check(hotel=hotel, room_id=event.room_id)
    refuse_out_of_order([event.room_id], (hotel.business_date, None))


@within(RoomArchived)
def count_archived_room(event: RoomArchived) -> None:
    """One room less can be sold; refused where a night is sold out."""
    room_counted(hotel=hotel_by_id(event.property_id), room=room_by_id(event.room_id), by=-1)


@within(RoomRestored)
def count_restored_room(event: RoomRestored) -> None:
    """One room more can be sold, in each night of the type that it has in it."""
    room_counted(hotel=hotel_by_id(event.property_id), room=room_by_id(event.room_id), by=1)
