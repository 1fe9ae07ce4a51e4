"""Pages of the hotel itself, by topic: one function for each address."""

from .audit import audit
from .home import home, open_hotel
from .hotel import change_hotel
from .rooms import mark_room, rooms, unmark_room
from .setup import set_up
from .staff import add_staff, change_staff, remove_staff, staff

__all__ = [
    "add_staff",
    "audit",
    "change_hotel",
    "change_staff",
    "home",
    "mark_room",
    "open_hotel",
    "remove_staff",
    "rooms",
    "set_up",
    "staff",
    "unmark_room",
]
