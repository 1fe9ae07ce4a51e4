"""What the room plan shows, in a fixed number of queries whatever the number of rooms, stays and days.

Plain values instead of model instances: a house of 300 rooms has some two thousand stays in a month.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from pms.core.errors import NotThere
from properties.models import Property
from properties.selectors import room_types_of, rooms_of
from reservations.models import Guest, OutOfOrder, Reservation, RoomAssignment, RoomTypeNight
from reservations.room_plan import Window, gaps


class PlanRoom(NamedTuple):
    """A room at the head of its row."""

    pk: uuid.UUID
    number: str
    floor: str
    condition: str
    occupancy: str
    room_type_id: uuid.UUID


class PlanType(NamedTuple):
    """A room type; its rank says whether another one is an upgrade."""

    pk: uuid.UUID
    code: str
    name: str
    rank: int


class PlanStay(NamedTuple):
    """A stay, or the part of it in one room, for the nights `[first, until)`."""

    lane: uuid.UUID | None  # the room; for a stay without a room the type it booked
    number: str
    first_name: str
    last_name: str
    status: str
    flags: list[str]
    owes: bool
    noted: bool
    room_type_id: uuid.UUID | None
    arrival: dt.date
    departure: dt.date
    first: dt.date
    until: dt.date
    part_of: str | None = None  # the number of the room that it has this one with


class PlanClosed(NamedTuple):
    """Nights `[first, until)` in which a room is out of order or out of service."""

    kind: str
    reason: str
    first: dt.date
    until: dt.date


class Stock(NamedTuple):
    """What is left of a type (or the house) in one night, and how much of it is sold, by itself or bound by others."""

    left: int
    sold: int
    sellable: int


@dataclass(slots=True)
class Plan:
    """Everything a plan draws. A part of a plan has only the rooms and lanes asked for."""

    window: Window
    business_date: dt.date
    rooms: list[PlanRoom]
    types: dict[uuid.UUID, PlanType]
    in_rooms: dict[uuid.UUID, list[PlanStay]] = field(default_factory=dict)
    closed: dict[uuid.UUID, list[PlanClosed]] = field(default_factory=dict)
    # By booked type; None holds what is not mapped to a type yet.
    without_room: dict[uuid.UUID | None, list[PlanStay]] = field(default_factory=dict)
    stock: dict[uuid.UUID | None, dict[dt.date, Stock]] = field(default_factory=dict)


def plan_of(hotel: Property, window: Window) -> Plan:
    """Return the whole plan of the hotel."""
    plan = Plan(window, hotel.business_date, plan_rooms(hotel.pk), plan_types(hotel.pk))
    _fill_rooms(plan, hotel, None)
    _fill_lanes(plan, hotel)
    plan.stock = _stock(hotel, window)
    return plan


def plan_part(
    hotel: Property, window: Window, *, rooms: Collection[uuid.UUID], with_lanes: bool, with_stock: bool
) -> Plan:
    """Return only the rows of these rooms, the lanes and the figures, as far as they are asked for."""
    plan = Plan(window, hotel.business_date, plan_rooms(hotel.pk, rooms), plan_types(hotel.pk))
    if plan.rooms:
        _fill_rooms(plan, hotel, [room.pk for room in plan.rooms])
    if with_lanes:
        _fill_lanes(plan, hotel)
    if with_stock:
        plan.stock = _stock(hotel, window)
    return plan


def plan_rooms(property_id: uuid.UUID, pks: Collection[uuid.UUID] | None = None) -> list[PlanRoom]:
    """Return the rooms in house order, all or these."""
    if pks is not None and not pks:
        return []
    rooms: QuerySet[Any] = rooms_of(property_id) if pks is None else rooms_of(property_id).filter(pk__in=pks)
    return [PlanRoom._make(row) for row in rooms.values_list(*PlanRoom._fields)]


def plan_types(property_id: uuid.UUID) -> dict[uuid.UUID, PlanType]:
    """Return the room types from the simplest to the finest."""
    types: QuerySet[Any] = room_types_of(property_id)
    return {row[0]: PlanType._make(row) for row in types.values_list(*PlanType._fields)}


def _fill_rooms(plan: Plan, hotel: Property, rooms: list[uuid.UUID] | None) -> None:
    window = plan.window
    assignments: QuerySet[Any] = RoomAssignment.everywhere.filter(
        property_id=hotel.pk,
        active=True,
        # A stay that leaves on the first day shows its last morning.
        nights__overlap=(window.first - dt.timedelta(days=1), window.end),
        # The same said of the stay: its index finds the few of this window among the many of all years.
        reservation__departure__gte=window.first,
        reservation__arrival__lt=window.end,
    )
    if rooms is not None:
        assignments = assignments.filter(room_id__in=rooms)
    rows = assignments.order_by("nights").values_list(
        "room_id",
        "reservation__number",
        "reservation__guest__first_name",
        "reservation__guest__last_name",
        "reservation__status",
        "reservation__flags",
        _is(Q(reservation__balance__gt=0)),
        _is(~Q(reservation__notes="")),
        "reservation__room_type_id",
        "reservation__arrival",
        "reservation__departure",
        "nights__startswith",
        "nights__endswith",
        "part_of__room__number",
    )
    for row in rows:
        plan.in_rooms.setdefault(row[0], []).append(PlanStay._make(row))
    closed: QuerySet[Any] = OutOfOrder.objects.filter(
        property_id=hotel.pk, active=True, nights__overlap=(window.first, window.end)
    )
    if rooms is not None:
        closed = closed.filter(room_id__in=rooms)
    for room, *facts in closed.order_by("nights").values_list(
        "room_id", "kind", "reason", "nights__startswith", "nights__endswith"
    ):
        plan.closed.setdefault(room, []).append(PlanClosed._make(facts))


def _fill_lanes(plan: Plan, hotel: Property) -> None:
    """Read the stays of the window with nights, from the business date on, that have no room yet."""
    window = plan.window
    housed = RoomAssignment.objects.filter(reservation_id=OuterRef("pk"), active=True).filter(
        nights__startswith__lte=Greatest(OuterRef("arrival"), hotel.business_date),
        nights__endswith__gte=OuterRef("departure"),
    )
    stays: QuerySet[Any] = Reservation.objects.filter(
        ~Exists(housed),
        property_id=hotel.pk,
        status__in=Reservation.HOLDING,
        arrival__lt=window.end,
        departure__gte=max(window.first, hotel.business_date + dt.timedelta(days=1)),
    )
    rows = list(
        stays.order_by("arrival", "departure", "number").values_list(
            "pk",
            "room_type_id",
            "number",
            "guest__first_name",
            "guest__last_name",
            "status",
            "flags",
            _is(Q(balance__gt=0)),
            _is(~Q(notes="")),
            "room_type_id",
            "arrival",
            "departure",
        )
    )
    taken = _taken([row[0] for row in rows])
    for pk, *facts in rows:
        arrival, departure = facts[-2:]
        for gap in gaps(max(arrival, hotel.business_date), departure, taken.get(pk, ())):
            plan.without_room.setdefault(facts[0], []).append(PlanStay._make([*facts, *gap, None]))
    for lane in plan.without_room.values():
        lane.sort(key=lambda stay: (stay.first, stay.until, stay.number))


def _taken(reservation_ids: list[uuid.UUID]) -> Mapping[uuid.UUID, list[tuple[dt.date, dt.date]]]:
    assignments: QuerySet[Any] = RoomAssignment.objects.filter(reservation_id__in=reservation_ids, active=True)
    taken: dict[uuid.UUID, list[tuple[dt.date, dt.date]]] = {}
    for pk, first, until in assignments.values_list("reservation_id", "nights__startswith", "nights__endswith"):
        taken.setdefault(pk, []).append((first, until))
    return taken


def _stock(hotel: Property, window: Window) -> dict[uuid.UUID | None, dict[dt.date, Stock]]:
    nights: QuerySet[Any] = RoomTypeNight.objects.filter(
        property_id=hotel.pk, night__gte=window.first, night__lt=window.end
    )
    sellable = F("physical") - F("out_of_order")
    left = sellable - F("sold") - F("block") - F("hold") - F("bound") + F("limit")
    stock: dict[uuid.UUID | None, dict[dt.date, Stock]] = {}
    for kind, night, *figures in nights.values_list("room_type_id", "night", left, F("sold") + F("bound"), sellable):
        stock.setdefault(kind, {})[night] = Stock(*figures)
    return stock


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def plan_stay(hotel: Property, number: str) -> Reservation:
    """Return one stay for its card; the edge has asked for the right. Raises `NotThere`."""
    rows: QuerySet[Reservation] = Reservation.objects.filter(property_id=hotel.pk, number=number)
    found = rows.select_related("booking", "guest", "room_type", "rate_plan").first()
    if found is None:
        raise NotThere(_("That reservation"))
    return found


# --- which pieces of a plan a changed row touches --------------------------------------------------------------------


def rooms_of_stay(reservation: Reservation) -> Iterable[uuid.UUID]:
    """Return the rooms whose rows show the stay."""
    return _rooms_where(reservation_id=reservation.pk)


def rooms_of_guest(guest: Guest) -> Iterable[uuid.UUID]:
    """Return the rooms whose rows show a stay of the guest, in all hotels of the organization."""
    return _rooms_where(reservation__guest_id=guest.pk)


def lanes_of_guest(guest: Guest) -> Iterable[uuid.UUID]:
    """Return the lanes that show a stay of the guest without a room."""
    stays = Reservation.objects.filter(guest_id=guest.pk, status__in=Reservation.HOLDING)
    return {kind or hotel for kind, hotel in stays.values_list("room_type_id", "property_id")}


def _rooms_where(**which: Any) -> Iterable[uuid.UUID]:
    return RoomAssignment.everywhere.filter(active=True, **which).values_list("room_id", flat=True).distinct()


def frame_of(property_id: uuid.UUID) -> str:
    """Return what the frame of every plan rests on: the business date and the room types, as one text to compare."""
    date = Property.objects.values_list("business_date", flat=True).get(pk=property_id)
    kinds = ",".join(f"{kind.code}:{kind.name}:{kind.rank}" for kind in plan_types(property_id).values())
    return f"{date.isoformat()} {kinds}"
