"""Pages of the hotel itself, by topic: one function for each address."""

from .audit import audit
from .background import background, background_now, discard_work, replay_lane, replay_work
from .finding import find
from .home import home, open_hotel
from .hotel import change_hotel
from .rooms import mark_room, rooms, unmark_room
from .setup import set_up
from .staff import add_staff, change_staff, remove_staff, staff

__all__ = [
    "add_staff",
    "audit",
    "background",
    "background_now",
    "change_hotel",
    "change_staff",
    "discard_work",
    "find",
    "discard_work",
    "home",
    "mark_room",
    "open_hotel",
    "remove_staff",
    "replay_lane",
    "replay_work",
    "rooms",
    "set_up",
    "staff",
    "unmark_room",
]
