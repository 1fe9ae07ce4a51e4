"""What the pretended site knows: hotels, what can be booked, bookings and their queues. In memory, one lock."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

NEW, MODIFY = "new", "modify"
DEADLINE = 30 * 60.0  # then the site mails the hotel instead (booking_com.md 8.2)
TOKENS_AN_HOUR, TOKEN_SECONDS = 30, 3600.0


@dataclass(slots=True)
class Room:
    """A room that the site sells."""

    id: str
    name: str
    price: int = 12000  # cents a night
    sleeps: int = 2


@dataclass(slots=True)
class Hotel:
    """A hotel with its rooms, rates, and rooms to sell as the hotel told them."""

    id: str
    name: str
    rooms: dict[str, Room]
    rates: dict[str, str]
    available: dict[tuple[str, dt.date], int] = field(default_factory=dict)


@dataclass(slots=True)
class Stay:
    """One room of a booking, with the price and the rate of each night."""

    line: str
    room: str
    nights: dict[dt.date, tuple[int, str]]
    guest: str
    adults: int = 2
    children: tuple[int, ...] = ()


@dataclass(slots=True)
class Booking:
    """A guest's booking. `queue` says where its latest version waits; None: the hotel has it."""

    id: str
    hotel: str
    stays: list[Stay]
    guest: str
    email: str
    remarks: str = ""
    card: str = ""
    cancelled: bool = False
    cancel_mark: str = "status"
    version: int = 1
    changed_at: str = ""
    queue: str | None = NEW
    queued_at: float = 0.0
    delivered_version: int = 0
    acknowledged: int = 0
    our_number: str = ""


@dataclass(slots=True)
class Fault:
    """Something that goes wrong at a place (a path's nick name, or "*") the next `times` times."""

    at: str
    kind: str
    times: int = 1
    seconds: float = 60.0


class Site:
    """Everything; whoever touches it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.accounts = {
            "sandbox": ("sandbox-secret", {"900100", "900200"}),
            "stranger": ("stranger-secret", set[str]()),
        }
        self.hotels = {
            "900100": _hotel("900100", "Seaside Hotel"),
            "900200": _hotel("900200", "Lake House"),
        }
        self.bookings: dict[str, Booking] = {}
        self.numbers = itertools.count(int(time.time()) % 10**9 + 5 * 10**9)
        self.lines = itertools.count(610000001)
        self.tokens: dict[str, tuple[str, float]] = {}
        self.tokens_given: list[float] = []
        self.faults: list[Fault] = []
        self.raw: dict[str, list[str]] = {NEW: [], MODIFY: []}
        self.calls: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self.pace = 0.0  # seconds that have to lie between an acknowledgement and the next question
        self.asking: set[str] = set()
        self.acknowledged_at = 0.0
        self.forward = 0.0
        self.oldest_days = 1  # how far back dates may lie; tests with a frozen hotel widen it

    def now(self) -> float:
        """Return the site's clock, which tests may put forward."""
        return time.time() + self.forward

    def moment(self) -> str:
        """Return the site's time as its messages write it."""
        return dt.datetime.fromtimestamp(self.now(), dt.UTC).isoformat(timespec="milliseconds")

    # --- who ----------------------------------------------------------------------------------------------------------

    def token_for(self, client_id: str, secret: str) -> str | None:
        """Return a fresh token, None for a wrong account, or an empty one where too many were asked for."""
        account = self.accounts.get(client_id)
        if account is None or account[0] != secret:
            return None
        self.tokens_given = [at for at in self.tokens_given if at > self.now() - 3600]
        if len(self.tokens_given) >= TOKENS_AN_HOUR:
            return ""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = (client_id, self.now() + TOKEN_SECONDS)
        self.tokens_given.append(self.now())
        return token

    def hotels_of(self, authorization: str) -> set[str] | None:
        """Return the hotels that the caller speaks for, or None where the site does not know the caller."""
        scheme, _, value = authorization.partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(value + "==").decode("utf-8", "replace").partition(":")
            account = self.accounts.get(user)
            return account[1] if account and account[0] == password else None
        client_id, until = self.tokens.get(value, ("", 0.0))
        return self.accounts[client_id][1] if scheme == "Bearer" and until > self.now() else None

    # --- bookings -----------------------------------------------------------------------------------------------------

    def book(self, hotel: str, rooms: list[dict[str, Any]], **facts: Any) -> Booking:
        """Sell rooms to a guest; the new version waits in its queue."""
        booking = Booking(str(next(self.numbers)), hotel, [], facts.get("guest", "Ada Muster"), facts.get("email", ""))
        booking.remarks, booking.card = facts.get("remarks", ""), facts.get("card", "")
        booking.stays = [self._stay(hotel, room, booking.guest) for room in rooms]
        self.bookings[booking.id] = booking
        self._queued(booking)
        self._sell(booking, -1)
        return booking

    def change(self, number: str, **facts: Any) -> Booking:
        """Change rooms, dates or remarks of a booking; an unacknowledged new one stays new (booking_com.md 8.2)."""
        booking = self.bookings[number]
        self._sell(booking, 1)
        if "rooms" in facts:
            before = {stay.line: stay for stay in booking.stays}
            booking.stays = [self._stay(booking.hotel, room, booking.guest, before) for room in facts["rooms"]]
        booking.remarks = facts.get("remarks", booking.remarks)
        booking.guest = facts.get("guest", booking.guest)
        booking.cancelled = False
        self._sell(booking, -1)
        self._next_version(booking)
        return booking

    def cancel(self, number: str, *, mark: str = "status") -> Booking:
        """Cancel a booking; `mark` says how the message shows it, since that is nowhere documented."""
        booking = self.bookings[number]
        if not booking.cancelled:
            self._sell(booking, 1)
        booking.cancelled, booking.cancel_mark = True, mark
        self._next_version(booking)
        return booking

    def _next_version(self, booking: Booking) -> None:
        booking.version += 1
        # A change before the first acknowledgement is folded into the new booking; a cancellation always is a change.
        fresh = booking.acknowledged == 0 and not booking.cancelled
        booking.queue = NEW if fresh else MODIFY
        self._queued(booking, booking.queue)

    def _queued(self, booking: Booking, queue: str = NEW) -> None:
        booking.queue, booking.queued_at, booking.changed_at = queue, self.now(), self.moment()

    def _stay(self, hotel: str, room: dict[str, Any], guest: str, before: dict[str, Stay] | None = None) -> Stay:
        kind = self.hotels[hotel].rooms.get(str(room["room"]), Room(str(room["room"]), "Unknown"))
        first, departure = dt.date.fromisoformat(room["arrival"]), dt.date.fromisoformat(room["departure"])
        price = cents(str(room["price"])) if room.get("price") else kind.price
        rate = str(room.get("rate", "55001"))
        nights = {first + dt.timedelta(days=place): (price, rate) for place in range((departure - first).days)}
        line = str(room.get("line") or (next(iter(before), "") if before else "") or next(self.lines))
        if before:
            before.pop(line, None)
        return Stay(
            line, kind.id, nights, room.get("guest", guest), int(room.get("adults", 1)), tuple(room.get("children", ()))
        )

    def _sell(self, booking: Booking, by: int) -> None:
        available = self.hotels[booking.hotel].available
        for stay in booking.stays:
            for night in stay.nights:
                if (stay.room, night) in available and not booking.cancelled:
                    available[stay.room, night] = max(0, available[stay.room, night] + by)

    def is_missed(self, booking: Booking) -> bool:
        """Tell whether the hotel was mailed instead, since it did not acknowledge in time."""
        return booking.queue is not None and self.now() - booking.queued_at > DEADLINE

    def waiting(self, queue: str, hotels: set[str]) -> list[Booking]:
        """Return what waits in a queue for these hotels."""
        found = [one for one in self.bookings.values() if one.queue == queue and one.hotel in hotels]
        return [one for one in found if not self.is_missed(one)]

    def fault_at(self, place: str) -> Fault | None:
        """Return what goes wrong here now, once."""
        fault = next((one for one in self.faults if one.at in (place, "*") and one.times > 0), None)
        if fault:
            fault.times -= 1
        return fault


def cents(text: str) -> int:
    """Return an amount like 119.5 in cents."""
    whole, _, rest = text.partition(".")
    return int(whole or 0) * 100 + int((rest + "00")[:2])


def _hotel(number: str, name: str) -> Hotel:
    rooms = {
        f"{number}{place:02}": Room(f"{number}{place:02}", label, price, sleeps)
        for place, (label, price, sleeps) in enumerate(
            (("Single Room", 9000, 1), ("Double Room", 12000, 2), ("Suite", 22000, 2)), start=1
        )
    }
    return Hotel(number, name, rooms, {"55001": "Standard Rate", "55002": "Bed and Breakfast"})


SITE = Site()
