"""Booking.com: reservations by two queues with acknowledgement, availability by OTA_HotelAvailNotif."""
