"""Addresses of the pretended site: those of Booking.com on one host, pages for a person, a handle for tests."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from . import control, ota, pages


def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the site answers."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", pages.home),
    path("healthz", healthz),
    path("book", pages.book),
    path("bookings/<str:number>/change", pages.change),
    path("bookings/<str:number>/cancel", pages.cancel),
    path("token-based-authentication/exchange", ota.exchange),
    path("hotels/ota/OTA_HotelResNotif", ota.new_queue),
    path("hotels/ota/OTA_HotelResModifyNotif", ota.modify_queue),
    path("hotels/ota/OTA_HotelAvailNotif", ota.availability),
    path("hotels/xml/roomrates", ota.roomrates),
    path("control/reset", control.reset),
    path("control/hotel", control.hotel),
    path("control/book", control.book),
    path("control/change", control.change),
    path("control/cancel", control.cancel),
    path("control/redeliver", control.redeliver),
    path("control/deliver_raw", control.deliver_raw),
    path("control/fault", control.fault),
    path("control/heal", control.heal),
    path("control/forget_tokens", control.forget_tokens),
    path("control/forward", control.forward),
    path("control/state", control.state),
]
