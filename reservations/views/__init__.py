"""Pages of reservations, by topic: one function for each address."""

from .acts import assign_room, cancel_reservation, choose_room, unassign_room
from .bookings import choose_guest, create_booking
from .lists import list_reservations
from .reservation import change_guest, change_notes, open_reservation, undo_guest, undo_notes
from .today import today

__all__ = [
    "assign_room",
    "cancel_reservation",
    "change_guest",
    "change_notes",
    "choose_guest",
    "choose_room",
    "create_booking",
    "list_reservations",
    "open_reservation",
    "today",
    "unassign_room",
    "undo_guest",
    "undo_notes",
]
