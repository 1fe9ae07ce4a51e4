"""Reads of housekeeping: who is in which room and who comes, and which rooms a changed stay shows on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import F, Q, QuerySet

from pms.live.looks import read_once
from properties.models import Room
from properties.selectors import rooms_of
from reservations.models import OutOfOrder, Reservation, RoomAssignment

Status = Reservation.Status
COMING = (Status.CONFIRMED, Status.TENTATIVE)
# The day of the hotel whose room it is: read in the same query, so that it cannot differ from the stays.
TODAY = F("property__business_date")


@dataclass(frozen=True, slots=True)
class Party:
    """The people of one stay as far as a room's card tells of them; no name for readers without the right."""

    people: int
    guest: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a room is out of order or out of service tonight, and its last such night."""

    kind: str
    reason: str
    last: dt.date


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """Who sleeps in a room on the business date, who comes, and whether it is closed: what hands must know."""

    stays: Party | None = None
    leaves: Party | None = None
    comes: Party | None = None
    moved_in: bool = False
    closed: Closed | None = None
    check_in_time: dt.time | None = None
    check_out_time: dt.time | None = None


def room_facts(pks: Sequence[uuid.UUID], property_id: uuid.UUID, *, names: bool) -> dict[uuid.UUID, RoomFacts]:
    """Return the facts of those rooms that have any, in two queries; `names` tells whether guests may be named."""
    facts: dict[uuid.UUID, RoomFacts] = {}
    for planned in _stays_in(tuple(pks), property_id):
        known = facts.get(planned.room_id) or RoomFacts(
            check_in_time=planned.property.check_in_time, check_out_time=planned.property.check_out_time
        )
        facts[planned.room_id] = _with(known, planned, names=names)
    for row in _closed_in(tuple(pks), property_id):
        closed = Closed(row.kind, row.reason, row.last)
        facts[row.room_id] = replace(facts.get(row.room_id) or RoomFacts(), closed=closed)
    return facts


@read_once
def _stays_in(pks: Sequence[uuid.UUID], property_id: uuid.UUID) -> list[RoomAssignment]:
    return list(_stays_today(property_id).filter(room_id__in=pks))


@read_once
def _closed_in(pks: Sequence[uuid.UUID], property_id: uuid.UUID) -> list[OutOfOrder]:
    rows = OutOfOrder.objects.filter(property_id=property_id, room_id__in=pks, active=True)
    return list(rows.filter(nights__startswith__lte=TODAY, nights__endswith__gt=TODAY))


def rooms_at_work(property_id: uuid.UUID, *, pks: Collection[uuid.UUID] | None = None) -> list[Room]:
    """Return the rooms in use with hotel and type, in house order; only those of `pks` if given."""
    rooms = rooms_of(property_id).select_related("property", "room_type")
    return list(rooms if pks is None else rooms.filter(pk__in=pks))


def floors_of(property_id: uuid.UUID) -> list[str]:
    """Return the floors that have rooms in use, in house order."""
    return [floor for floor in dict.fromkeys(rooms_of(property_id).values_list("floor", flat=True)) if floor]


def room_ids_on_floor(property_id: uuid.UUID, floor: str, pks: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return which of these rooms are on the floor."""
    return list(rooms_of(property_id).filter(floor=floor, pk__in=pks).values_list("pk", flat=True))


def occupied_room_ids(property_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the occupied rooms, in key order as locks are taken."""
    occupied = rooms_of(property_id).filter(occupancy=Room.Occupancy.OCCUPIED)
    return list(occupied.order_by("pk").values_list("pk", flat=True))


def _stays_today(property_id: uuid.UUID) -> QuerySet[RoomAssignment]:
    """Return the rooms of people who are in house or due in; who has moved on to another room left the first one."""
    here = Q(reservation__status=Status.IN_HOUSE, nights__startswith__lte=TODAY) & (
        Q(nights__endswith__gte=TODAY) | Q(nights__endswith=F("reservation__departure"))
    )
    coming = Q(reservation__status__in=COMING, nights__startswith__lte=TODAY, nights__endswith__gt=TODAY)
    planned = RoomAssignment.everywhere.filter(here | coming, property_id=property_id, active=True)
    return planned.select_related("property", "reservation__guest").order_by("nights", "pk")


def _with(facts: RoomFacts, planned: RoomAssignment, *, names: bool) -> RoomFacts:
    """Return `facts` with what one planned stay adds."""
    stay, today = planned.reservation, planned.property.business_date
    comes, leaves = stay.status != Status.IN_HOUSE, planned.nights.upper <= today
    due = planned.nights.upper if leaves else stay.arrival
    party = Party(
        people=stay.adults + len(stay.children),
        guest=stay.guest.full_name if names else "",
        late=(comes or leaves) and due < today,
    )
    if comes:
        return replace(facts, comes=party)
    if leaves:
        return replace(facts, leaves=party)
    return replace(facts, stays=party, moved_in=stay.checked_in_date == today)


# --- which rooms a changed row shows on ------------------------------------------------------------------------------


def room_ids_of_guest(guest_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the rooms whose cards may name this guest."""
    planned = RoomAssignment.everywhere.filter(
        reservation__guest_id=guest_id, reservation__status__in=(*COMING, Status.IN_HOUSE), active=True
    )
    return list(planned.values_list("room_id", flat=True))


def room_ids_around(property_id: uuid.UUID, days: Iterable[dt.date]) -> list[uuid.UUID]:
    """Return the rooms that somebody comes to, sleeps in or leaves on these days, and those that are closed or open
    again: a new business date moves them.
    """
    wanted = sorted(days)
    planned = RoomAssignment.everywhere.filter(property_id=property_id, active=True)
    near = Q(nights__startswith__lte=wanted[-1], nights__endswith__gte=wanted[0])
    here = planned.filter(near | Q(reservation__status=Status.IN_HOUSE)).order_by()
    closed = OutOfOrder.objects.filter(near, property_id=property_id, active=True).order_by()
    return sorted(here.values_list("room_id", flat=True).union(closed.values_list("room_id", flat=True)))
