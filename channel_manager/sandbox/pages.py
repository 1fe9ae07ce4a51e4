"""The pretended site's pages for a person: what the hotel offers, and booking, changing, cancelling as a guest."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render

from .state import SITE, Hotel

SHOWN_DAYS = 14


def home(request: HttpRequest) -> HttpResponse:
    """Show rooms and availability as the hotel told them, the form of a guest, and the bookings."""
    with SITE.lock:
        hotels = [_offer(hotel) for hotel in SITE.hotels.values() if hotel.available] or [
            _offer(next(iter(SITE.hotels.values())))
        ]
        bookings = [
            {
                "booking": booking,
                "stay": booking.stays[0],
                "arrival": min(booking.stays[0].nights),
                "departure": max(booking.stays[0].nights) + dt.timedelta(days=1),
                "missed": SITE.is_missed(booking),
            }
            for booking in reversed(SITE.bookings.values())
        ]
        return render(request, "sandbox/home.html", {"hotels": hotels, "bookings": bookings})


def _offer(hotel: Hotel) -> dict[str, Any]:
    days = sorted({day for _, day in hotel.available})[:SHOWN_DAYS]
    first = days[0] if days else dt.datetime.fromtimestamp(SITE.now(), dt.UTC).date()
    rooms = [
        {"room": room, "cells": [hotel.available.get((room.id, day)) for day in days]} for room in hotel.rooms.values()
    ]
    return {"hotel": hotel, "days": days, "rooms": rooms, "first": first, "next": first + dt.timedelta(days=1)}


def book(request: HttpRequest) -> HttpResponse:
    """Book as a guest."""
    try:
        with SITE.lock:
            SITE.book(request.POST["hotel"], [_room(request)], guest=request.POST.get("guest") or "Ada Muster",
                      remarks=request.POST.get("remarks", ""))  # fmt: skip
    except (KeyError, ValueError) as error:
        return HttpResponseBadRequest(f"This booking cannot be made: {error}")
    return HttpResponseRedirect("/")


def change(request: HttpRequest, number: str) -> HttpResponse:
    """Change the dates of a booking."""
    try:
        with SITE.lock:
            line = SITE.bookings[number].stays[0]
            SITE.change(number, rooms=[{**_room(request, room=line.room), "line": line.line, "adults": line.adults}])
    except (KeyError, ValueError) as error:
        return HttpResponseBadRequest(f"This booking cannot be changed: {error}")
    return HttpResponseRedirect("/")


def cancel(_request: HttpRequest, number: str) -> HttpResponse:
    """Cancel a booking."""
    with SITE.lock:
        if number in SITE.bookings:
            SITE.cancel(number)
    return HttpResponseRedirect("/")


def _room(request: HttpRequest, *, room: str = "") -> dict[str, Any]:
    arrival, departure = request.POST["arrival"], request.POST["departure"]
    if dt.date.fromisoformat(arrival) >= dt.date.fromisoformat(departure):
        raise ValueError("the departure has to be after the arrival")
    asked: dict[str, Any] = {"room": room or request.POST["room"], "arrival": arrival, "departure": departure}
    asked |= {name: request.POST[name] for name in ("rate", "adults", "price") if request.POST.get(name)}
    return asked
