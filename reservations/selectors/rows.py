"""Stays as lists and pieces show them: one shape, read in a fixed number of queries however many they are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from pms.core.origins import origin_name
from pms.live.fragments import Audience
from properties.models import Property, Room, RoomType
from properties.selectors import hotel_by_id
from reservations.models import RatePlan, Reservation, RoomAssignment
from reservations.rules import BEFORE_ARRIVAL, is_ready

from .desk import DeskFacts, desk_facts
from .people import guests_named, name_of

Status = Reservation.Status
# Flags with an icon of their own; everything else shows as a flag.
OVERBOOKED = "overbooked"
UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class RoomFact:
    """The room of a stay, as far as a row shows it."""

    pk: uuid.UUID
    number: str
    condition: str
    occupied: bool
    ready: bool

    @classmethod
    def of(cls, room: Room) -> RoomFact:
        """Return the facts of `room`, read with its type."""
        occupied = room.occupancy == Room.Occupancy.OCCUPIED
        return cls(room.pk, room.number, room.condition, occupied, is_ready(room) and not occupied)


@dataclass(frozen=True, slots=True)
class StayRow:
    """A reservation as a row of any list; `label` is its state as the desk says it today (due in, due out).

    To readers who may not see guests, `guest` and `sort` are the number of the stay.
    """

    pk: uuid.UUID
    hotel_code: str
    number: str
    guest: str
    source: str
    external_id: str
    status: str
    label: str
    late: int
    arrival: dt.date
    departure: dt.date
    nights: int
    adults: int
    children: int
    kind_code: str
    kind_name: str
    room: RoomFact | None
    more_rooms: bool
    total: Decimal
    balance: Decimal
    currency: str
    overbooked: bool
    unmapped: bool
    noted: bool
    sort: str
    desk: DeskFacts

    @property
    def open(self) -> bool:
        """Tell whether the guest has not arrived: rooms can be planned, the stay can be cancelled."""
        return self.status in BEFORE_ARRIVAL

    @property
    def people(self) -> int:
        """Return how many sleep in the room."""
        return self.adults + self.children

    @property
    def last_night(self) -> dt.date:
        """Return the date of the last night."""
        return self.departure - dt.timedelta(days=1)

    @property
    def place(self) -> str:
        """Return where the row stands among arrivals: late ones first, then by name. No two stand in one place."""
        return f"{self.arrival.isoformat()} {self.sort} {self.pk}"

    @property
    def room_place(self) -> str:
        """Return where the row stands in a list by room."""
        return f"{self.room.number.zfill(8) if self.room else '~'} {self.sort} {self.pk}"

    @property
    def list_place(self) -> str:
        """Return where the row stands in the list of reservations: by arrival, as `reservations_found`."""
        return f"{self.arrival.isoformat()} {self.pk}"


def stays(hotel_id: uuid.UUID) -> QuerySet[Reservation]:
    """Return the hotel's reservations with everything a row shows."""
    rooms = RoomAssignment.objects.filter(active=True).select_related("room__room_type").order_by("nights")
    return (
        Reservation.objects.filter(property_id=hotel_id)
        .select_related("booking", "guest", "room_type")
        .prefetch_related(Prefetch("assignments", queryset=rooms, to_attr="active_assignments"))
    )


def stay_rows(
    hotel: Property, reservations: Iterable[Reservation], rights: Collection[str]
) -> dict[uuid.UUID, StayRow]:
    """Return the rows of these reservations (read by `stays`), in their order, for a reader with `rights`."""
    return {reservation.pk: stay_row(hotel, reservation, rights) for reservation in reservations}


def rows_where(audience: Audience, pks: Sequence[uuid.UUID], only: Any) -> dict[uuid.UUID, StayRow]:
    """Return the rows among `pks` that `only(hotel)`, a `Q`, lets into a list; the others are not on it."""
    hotel = hotel_by_id(audience.property_id)
    return stay_rows(hotel, stays(hotel.pk).filter(only(hotel), pk__in=pks), audience.rights)


def stay_shown(hotel: Property, pk: uuid.UUID, rights: Collection[str]) -> StayRow:
    """Return the row of the stay `pk` for a reader with `rights`."""
    return stay_row(hotel, stays(hotel.pk).get(pk=pk), rights)


def stay_row(hotel: Property, reservation: Reservation, rights: Collection[str]) -> StayRow:
    """Return the row of one reservation read by `stays`, for a reader with `rights`."""
    named = guests_named(rights)
    assignment = current_assignment(reservation, hotel.business_date)
    label = label_of(reservation, hotel.business_date)
    kind = reservation.room_type
    return StayRow(
        pk=reservation.pk,
        hotel_code=hotel.code,
        number=reservation.number,
        guest=name_of(reservation, named=named),
        source=origin_name(reservation.booking.source),
        external_id=reservation.booking.external_id,
        status=reservation.status,
        label=label,
        late=_late(reservation, label, hotel.business_date),
        arrival=reservation.arrival,
        departure=reservation.departure,
        nights=reservation.night_count,
        adults=reservation.adults,
        children=len(reservation.children),
        kind_code=kind.code if kind else "",
        kind_name=kind.name if kind else "",
        room=RoomFact.of(assignment.room) if assignment else None,
        more_rooms=len({one.room_id for one in active_assignments(reservation)}) > 1,
        total=reservation.total,
        balance=reservation.balance,
        currency=reservation.booking.currency,
        overbooked=is_overbooked(reservation),
        unmapped=is_unmapped(reservation),
        noted=bool(reservation.notes),
        sort=reservation.guest.sort_key if named else reservation.number,
        desk=desk_facts(hotel, reservation, active_assignments(reservation)),
    )


def active_assignments(reservation: Reservation) -> list[RoomAssignment]:
    """Return the rooms of a reservation read by `stays`, by date."""
    found: list[RoomAssignment] = reservation.active_assignments  # type: ignore[attr-defined]  # set by the prefetch
    return found


def current_assignment(reservation: Reservation, business_date: dt.date) -> RoomAssignment | None:
    """Return the room the stay has tonight; before the arrival its first, after the departure its last one."""
    found = active_assignments(reservation)
    return next((one for one in found if one.nights.upper > business_date), found[-1] if found else None)


def label_of(reservation: Reservation, business_date: dt.date) -> str:
    """Return the state as the desk says it today; due in and due out are derived, never stored (domain.md 2)."""
    if reservation.status == Status.CONFIRMED and reservation.arrival <= business_date:
        return "due_in"
    if reservation.status == Status.IN_HOUSE and reservation.departure <= business_date:
        return "due_out"
    return str(reservation.status)


def is_overbooked(reservation: Reservation) -> bool:
    """Tell whether the stay was sold beyond the house and has no bed yet: with a room it is housed."""
    return OVERBOOKED in reservation.flags and not active_assignments(reservation)


def is_unmapped(reservation: Reservation) -> bool:
    """Tell whether a channel sold something that nobody has matched to a room type and a plan yet."""
    return UNMAPPED in reservation.flags or reservation.room_type_id is None or reservation.rate_plan_id is None


def _late(reservation: Reservation, label: str, business_date: dt.date) -> int:
    """Return by how many days the arrival or the departure is overdue."""
    due = {"due_in": reservation.arrival, "due_out": reservation.departure}.get(label, business_date)
    return (business_date - due).days


# --- which stays a changed row shows on -------------------------------------------------------------------------------


def stay_ids_of_guest(guest_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the stays on which a person's name stands, as guest or as booker."""
    named = Reservation.objects.filter(Q(guest_id=guest_id) | Q(booking__booker_id=guest_id))
    return list(named.values_list("pk", flat=True))


def stay_ids_of_booking(booking_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the stays of one booking."""
    return list(Reservation.objects.filter(booking_id=booking_id).values_list("pk", flat=True))


def stay_ids_in_rooms(room_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return for each room the stays that have it tonight or later: they show its number and condition."""
    planned = RoomAssignment.objects.filter(
        room_id__in=room_ids, active=True, nights__endswith__gte=F("property__business_date")
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {room_id: [] for room_id in room_ids}
    for room_id, reservation_id in planned.values_list("room_id", "reservation_id"):
        found[room_id].append(reservation_id)
    return found


def stay_ids_ever_in_room(room_id: uuid.UUID) -> list[uuid.UUID]:
    """Return all stays that have, or had, the room."""
    planned = RoomAssignment.objects.filter(room_id=room_id, active=True)
    return list(planned.values_list("reservation_id", flat=True).distinct())


def stay_ids_of_kind(kind: RoomType) -> list[uuid.UUID]:
    """Return the stays that booked the type, or have a room of it, from the business date on."""
    wanted = Q(room_type_id=kind.pk) | Q(assignments__room__room_type_id=kind.pk, assignments__active=True)
    stays_on = Reservation.objects.filter(wanted, departure__gte=F("property__business_date"))
    return list(stays_on.values_list("pk", flat=True).distinct())


def stay_ids_on_plan(plan: RatePlan) -> list[uuid.UUID]:
    """Return the stays that are sold on the plan, from the business date on."""
    stays_on = Reservation.objects.filter(nights__rate_plan_id=plan.pk, departure__gte=F("property__business_date"))
    return list(stays_on.values_list("pk", flat=True).distinct())


def room_ids_planned(property_id: uuid.UUID, days: Iterable[dt.date]) -> list[uuid.UUID]:
    """Return the rooms that somebody has, or is to have, in one of these nights."""
    wanted = sorted(days)
    planned = RoomAssignment.everywhere.filter(
        property_id=property_id, active=True, nights__startswith__lte=wanted[-1], nights__endswith__gt=wanted[0]
    )
    return list(planned.values_list("room_id", flat=True).distinct())


def room_ids_of_stay(reservation_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the rooms a stay is planned into."""
    planned = RoomAssignment.everywhere.filter(reservation_id=reservation_id, active=True)
    return list(planned.values_list("room_id", flat=True))


def stay_ids_due(property_id: uuid.UUID, days: Iterable[dt.date]) -> list[uuid.UUID]:
    """Return the stays that come, leave or are in house around these days: a new business date moves them."""
    wanted = list(days)
    moved = Q(arrival__in=wanted) | Q(departure__in=wanted) | Q(status=Status.IN_HOUSE)
    return list(Reservation.objects.filter(moved, property_id=property_id).values_list("pk", flat=True))
