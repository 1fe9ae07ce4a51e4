"""Guests, prices, inventory, bookings and who sleeps in which room."""

from .assignments import RoomAssignment
from .bookings import Booking, Reservation, ReservationNight
from .guests import Guest
from .inventory import RoomTypeNight
from .out_of_order import OutOfOrder
from .rates import DailyRate, PackagePart, RatePlan

__all__ = [
    "Booking",
    "DailyRate",
    "Guest",
    "OutOfOrder",
    "PackagePart",
    "RatePlan",
    "Reservation",
    "ReservationNight",
    "RoomAssignment",
    "RoomTypeNight",
]
