"""Why an act is not possible now: asked by the services under lock, and by pages and API to say so beforehand.

Each function returns every reason, the weightiest first; an empty list means yes. A service raises the first one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.errors import DomainError
from properties.errors import RoomOccupied
from properties.models import Property, Room

from .errors import (
    AlreadyPosted,
    EarlyDeparture,
    NotDueYet,
    RoomNotAssigned,
    RoomNotReady,
    WrongState,
)
from .models import Reservation

Status = Reservation.Status
BEFORE_ARRIVAL = frozenset({Status.CONFIRMED, Status.TENTATIVE, Status.WAITLIST})


def against_state(reservation: Reservation, states: Collection[str], act: str) -> list[DomainError]:
    """Return a reason unless the reservation is in one of `states`; `act` completes "it cannot …"."""
    if reservation.status in states:
        return []
    facts = {"number": reservation.number, "status": reservation.get_status_display(), "act": act}
    message = _("%(number)s is %(status)s; it cannot %(act)s. Nothing was changed.") % facts
    return [WrongState(message, status=reservation.status)]


def against_assigning(reservation: Reservation) -> list[DomainError]:
    """Return why no room can be planned now."""
    return against_state(reservation, BEFORE_ARRIVAL, _("get a room"))


def against_unassigning(reservation: Reservation) -> list[DomainError]:
    """Return why the room cannot be taken away now."""
    return against_state(reservation, BEFORE_ARRIVAL, _("lose its room"))


def against_cancelling(reservation: Reservation) -> list[DomainError]:
    """Return why the stay cannot be cancelled now; a guest in house leaves early instead (domain.md 2)."""
    return against_state(reservation, BEFORE_ARRIVAL, _("be cancelled"))


def against_check_in(reservation: Reservation, room: Room | None, hotel: Property) -> list[DomainError]:
    """Return why the guest cannot have the key now."""
    reasons = against_state(reservation, {Status.CONFIRMED}, _("check in"))
    if reasons:
        return reasons
    if not reservation.arrival <= hotel.business_date < reservation.departure:
        message = _("The hotel's day is %(day)s; the stay is from %(arrival)s to %(departure)s. Nobody was checked in.")
        dates = {"arrival": reservation.arrival, "departure": reservation.departure, "day": hotel.business_date}
        reasons.append(NotDueYet(message % {name: day.isoformat() for name, day in dates.items()}))
    if room is None:
        reasons.append(RoomNotAssigned(_("No room is assigned yet. Nobody was checked in; assign one first.")))
        return reasons
    return reasons + against_room(room)


def against_room(room: Room) -> list[DomainError]:
    """Return why nobody can move into the room now."""
    if room.occupancy == Room.Occupancy.OCCUPIED:
        message = _("Room %s is still occupied. Nobody was checked in; wait, or assign another room.") % room.number
        return [RoomOccupied(message, room=room.number)]
    if not is_ready(room):
        facts = {"room": room.number, "condition": room.get_condition_display()}
        message = _("Room %(room)s is %(condition)s. Nobody was checked in; have it made ready or assign another.")
        return [RoomNotReady(message % facts, room=room.number, condition=room.condition)]
    return []


def is_ready(room: Room) -> bool:
    """Tell whether a guest may move in: inspected, or clean where departures need no inspection."""
    if room.condition == Room.Condition.INSPECTED:
        return True
    return room.condition == Room.Condition.CLEAN and not room.room_type.inspect_departures


def against_check_out(reservation: Reservation, hotel: Property) -> list[DomainError]:
    """Return why the guest cannot leave now, as far as this app knows; folios may have more (a veto)."""
    reasons = against_state(reservation, {Status.IN_HOUSE}, _("check out"))
    if not reasons and reservation.departure > hotel.business_date:
        nights = (reservation.departure - hotel.business_date).days
        message = ngettext(
            "%(nights)s night is still booked. Nobody was checked out; confirm the early departure.",
            "%(nights)s nights are still booked. Nobody was checked out; confirm the early departure.",
            nights,
        )
        reasons.append(EarlyDeparture(message % {"nights": nights}, nights=nights))
    return reasons


def against_undoing_check_in(reservation: Reservation, hotel: Property) -> list[DomainError]:
    """Return why a check-in cannot be undone: only on its own business date."""
    return against_state(reservation, {Status.IN_HOUSE}, _("undo its check-in")) or _same_day(
        reservation.checked_in_date, hotel
    )


def against_undoing_check_out(reservation: Reservation, room: Room | None, hotel: Property) -> list[DomainError]:
    """Return why a check-out cannot be undone: only on its own business date, while the room is still free."""
    reasons = against_state(reservation, {Status.CHECKED_OUT}, _("undo its check-out"))
    reasons = reasons or _same_day(reservation.checked_out_date, hotel)
    if not reasons and room is not None and room.occupancy == Room.Occupancy.OCCUPIED:
        message = _("Somebody else is in room %s already. Nothing was changed.") % room.number
        reasons.append(RoomOccupied(message, room=room.number))
    return reasons


def _same_day(day: dt.date | None, hotel: Property) -> list[DomainError]:
    if day == hotel.business_date:
        return []
    return [AlreadyPosted(_("The hotel's day has been closed since. Nothing was changed; book a correction instead."))]
