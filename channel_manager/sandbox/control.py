"""The pretended site's handle for tests and commands: state, bookings and faults as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from .state import SITE, Booking, Fault, Room

View = Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]


def control(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Answer JSON with JSON, under the lock; nonsense is 400 with what was wrong."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            asked = json.loads(request.body or b"{}")
            with SITE.lock:
                return JsonResponse(view(request, asked))
        except (KeyError, ValueError, TypeError) as error:
            return JsonResponse({"error": f"{type(error).__name__}: {error}"}, status=400)

    return answer


@control
def reset(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Begin anew; `pace` and `oldest_days` may be given."""
    SITE.reset()
    SITE.pace = asked.get("pace", 0)
    SITE.oldest_days = int(asked.get("oldest_days", 1))
    return {"ok": True}


@control
def hotel(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Set rooms and rates of a hotel: `{hotel, name, rooms: [{id, name, price?}], rates: [{id, name}]}`."""
    found = SITE.hotels[asked["hotel"]]
    found.name = asked.get("name", found.name)
    found.rooms = {
        room["id"]: Room(room["id"], room["name"], int(room.get("price", 12000)), int(room.get("sleeps", 2)))
        for room in asked["rooms"]
    }
    found.rates = {rate["id"]: rate["name"] for rate in asked["rates"]}
    found.available = {}
    return {"ok": True}


@control
def book(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Book: `{hotel?, guest?, email?, remarks?, card?, rooms: [{room, arrival, departure, price?, rate?, …}]}`."""
    rooms = asked.pop("rooms")
    return shown(SITE.book(asked.pop("hotel", "900100"), rooms, **asked))


@control
def change(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Change a booking: `{id, rooms?, remarks?, guest?}`."""
    return shown(SITE.change(asked.pop("id"), **asked))


@control
def cancel(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Cancel a booking: `{id, mark?}` with mark status, info, empty or total."""
    return shown(SITE.cancel(asked["id"], mark=asked.get("mark", "status")))


@control
def redeliver(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Put a booking back into a queue unchanged, as if the acknowledgement had been lost: `{id, queue}`."""
    booking = SITE.bookings[asked["id"]]
    booking.queue, booking.queued_at = asked.get("queue", "new"), SITE.now()
    return shown(booking)


@control
def deliver_raw(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Let the next question to a queue be answered by this very body: `{queue, body}`."""
    SITE.raw[asked["queue"]].append(asked["body"])
    return {"ok": True}


@control
def fault(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Order a fault: `{at, kind, times?, seconds?}`.

    `at`: token, new, modify, ack, availability, roomrates or *; `kind`: hang, 500, 503, 429, lost (done, but nobody
    hears of it) or bad_xml.
    """
    SITE.faults.append(Fault(asked["at"], asked["kind"], int(asked.get("times", 1)), asked.get("seconds", 60)))
    return {"ok": True}


@control
def heal(_request: HttpRequest, _asked: dict[str, Any]) -> dict[str, Any]:
    """Take all faults away."""
    SITE.faults.clear()
    return {"ok": True}


@control
def forget_tokens(_request: HttpRequest, _asked: dict[str, Any]) -> dict[str, Any]:
    """End every token."""
    SITE.tokens.clear()
    return {"ok": True}


@control
def forward(_request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """Put the site's clock forward: `{seconds}`."""
    SITE.forward += asked["seconds"]
    return {"ok": True}


@control
def state(_request: HttpRequest, _asked: dict[str, Any]) -> dict[str, Any]:
    """Return everything a test looks at."""
    return {
        "bookings": {number: shown(booking) for number, booking in SITE.bookings.items()},
        "hotels": {
            number: {
                "rooms": {room.id: room.name for room in hotel.rooms.values()},
                "available": [[room, day.isoformat(), value] for (room, day), value in sorted(hotel.available.items())],
            }
            for number, hotel in SITE.hotels.items()
        },
        "calls": SITE.calls[-500:],
        "violations": SITE.violations,
        "tokens_given": len(SITE.tokens_given),
    }


def shown(booking: Booking) -> dict[str, Any]:
    """Return a booking as JSON."""
    return {
        "id": booking.id,
        "hotel": booking.hotel,
        "guest": booking.guest,
        "version": booking.version,
        "queue": booking.queue,
        "missed": SITE.is_missed(booking),
        "delivered": booking.delivered_version == booking.version,
        "acknowledged": booking.acknowledged,
        "our_number": booking.our_number,
        "cancelled": booking.cancelled,
        "stays": [
            {"line": stay.line, "room": stay.room, "nights": [day.isoformat() for day in sorted(stay.nights)]}
            for stay in booking.stays
        ],
        "waiting_since": dt.datetime.fromtimestamp(booking.queued_at, dt.UTC).isoformat(timespec="seconds"),
    }
