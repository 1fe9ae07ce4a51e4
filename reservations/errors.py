"""What can go wrong when a room is sold, assigned or given up."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.utils.translation import gettext as _

from pms.core.errors import AlreadyTaken, DomainError, Kind


class NotAvailable(DomainError, code="not_available"):
    """There is no room left for one of the nights.

    `alternatives` are added by the service once its transaction is rolled back: other types for the same nights,
    and the same type on other dates.
    """

    def __init__(self, message: str = "", *, room_type: uuid.UUID | None = None, night: dt.date | None = None) -> None:
        super().__init__(
            message or _("The last room was just sold. Nothing was booked; choose one of the alternatives."),
            room_type=str(room_type) if room_type else None,
            night=night.isoformat() if night else None,
            alternatives=[],
        )

    def saying(self, message: str) -> Self:
        """Return this error with other words, for acts that are no booking."""
        self.args, self.message = (message,), message
        return self

    def offering(self, alternatives: list[dict[str, Any]]) -> Self:
        """Return this error with the alternatives a person can choose from."""
        self.facts["alternatives"] = alternatives
        return self


class RoomClosed(DomainError, code="room_closed"):
    """The room is out of order, or closed already, in one of the nights."""


class RoomNeeded(DomainError, code="room_needed"):
    """Stays are planned into the room that was to be closed, or somebody is in it (`stays`: their numbers)."""


class NightNotOpen(DomainError, code="night_not_open"):
    """The night lies beyond the dates the hotel has opened for sale."""


class PriceMissing(DomainError, code="price_missing"):
    """A night has no price on this plan."""


class CapacityExceeded(DomainError, code="capacity_exceeded", kind=Kind.RULE):
    """More people than the room type sleeps."""


class ArrivalInPast(DomainError, code="arrival_in_past", kind=Kind.RULE):
    """The arrival lies before the business date."""


class StayTooLong(DomainError, code="stay_too_long", kind=Kind.RULE):
    """More nights than one reservation may have."""


class StayIncomplete(DomainError, code="stay_incomplete", kind=Kind.RULE):
    """A booking without a stay, or a stay without a night or an adult."""


class WrongHotel(DomainError, code="wrong_hotel", kind=Kind.RULE):
    """A room type or plan of another hotel was named."""


class RatePlanCodeTaken(AlreadyTaken, code="rate_plan_code_taken"):
    """The hotel has a rate plan with this code."""

    def __init__(self, code: str = "") -> None:
        super().__init__(
            _("The hotel has a rate plan “%s” already. Nothing was saved; choose another code.") % code, field="code"
        )


class WrongState(DomainError, code="wrong_state"):
    """The reservation is not in a state in which this is possible."""


class RoomTaken(DomainError, code="room_taken"):
    """Another stay has the room in one of these nights."""


class RoomNotReady(DomainError, code="room_not_ready"):
    """The room is vacant, but not in the condition a guest may find it in."""


class RoomNotAssigned(DomainError, code="room_not_assigned"):
    """The stay has no room yet."""


class ReservationMoved(DomainError, code="reservation_moved"):
    """A fact the act rests on was changed by somebody else meanwhile."""


class BookedAlready(DomainError, code="booked_already"):
    """A booking with this external reference exists."""


class NotDueYet(DomainError, code="not_due"):
    """The business date is not within the stay."""


class EarlyDeparture(DomainError, code="early_departure"):
    """Nights are still booked; leaving now gives them up and must be meant."""


class AlreadyPosted(DomainError, code="already_posted"):
    """The business date of the act has been closed."""
