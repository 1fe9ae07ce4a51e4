"""The pieces of reservation pages that stay fresh, and which changed row touches which of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict

from pms.events.watch import touching, touching_all
from pms.live.fragments import Audience, Fragment
from pms.live.places import place
from properties.models import Property, Room, RoomType
from properties.permissions import Permission as HotelPermission
from properties.selectors import hotel_by_id, room_ids_of_type

from .events import RatesSet
from .forms import search_of
from .models import Booking, Guest, OutOfOrder, RatePlan, Reservation, RoomAssignment
from .permissions import Permission
from .selectors import detail, lists, rates, rows, today

VIEW = Permission.RESERVATION_VIEW
TODAY = "reservations/today_rows.html"
COUNTS = "reservations/today_counts.html"
PARTS = "reservations/parts.html"


def _listed(pks: Sequence[uuid.UUID], audience: Audience, query: str) -> set[uuid.UUID]:
    """Return which of these stays the list shows whose address has this query."""
    return lists.listed(pks, audience, search_of(QueryDict(query), hotel_by_id(audience.property_id)))


ARRIVAL_ROW = Fragment("arrival_row", f"{TODAY}#arrival-row", VIEW, today.arrival_rows)
DEPARTURE_ROW = Fragment("departure_row", f"{TODAY}#departure-row", VIEW, today.departure_rows)
IN_HOUSE_ROW = Fragment("in_house_row", f"{TODAY}#in-house-row", VIEW, today.in_house_rows)
WORK_ITEM = Fragment("work_item", f"{TODAY}#work-item", VIEW, today.work_items)
ROOM_CELL = Fragment("room_cell", f"{TODAY}#room-cell", HotelPermission.ROOM_VIEW, today.room_cells)
DAY_FIGURES = Fragment("day_figures", "reservations/figures.html#day-figures", VIEW, today.day_figures)
DAY_LEAD = Fragment("day_lead", f"{COUNTS}#day-lead", VIEW, today.day_counts)
ARRIVALS_COUNT = Fragment("arrivals_count", f"{COUNTS}#arrivals-count", VIEW, today.day_counts)
ARRIVALS_NONE = Fragment("arrivals_none", f"{COUNTS}#arrivals-none", VIEW, today.day_counts)
RESERVATION_ROW = Fragment(
    "reservation_row", "reservations/reservations.html#reservation-row", VIEW, lists.reservation_rows, among=_listed
)
RESERVATION_HEAD = Fragment("reservation_head", f"{PARTS}#reservation-head", VIEW, detail.head_rows)
STAY_CARD = Fragment("stay_card", f"{PARTS}#stay-card", VIEW, detail.stay_rows)
GUEST_CARD = Fragment("guest_card", f"{PARTS}#guest-card", VIEW, detail.guest_rows)
NOTES_CARD = Fragment("notes_card", f"{PARTS}#notes-card", VIEW, detail.notes_rows)
STAY_PANELS = Fragment("stay_panels", f"{PARTS}#stay-panels", VIEW, detail.panel_rows)
HISTORY_CARD = Fragment("history_card", f"{PARTS}#history-card", VIEW, detail.history_rows)

PRICES_TOLD = Fragment("prices_told", "reservations/rates.html#prices-told", Permission.RATE_VIEW, rates.prices_told)

# What shows one stay: touched together, so that one read of the changed rows serves them all.
DAY = (ARRIVAL_ROW, DEPARTURE_ROW, IN_HOUSE_ROW, WORK_ITEM)
PAGE = (RESERVATION_HEAD, STAY_CARD, GUEST_CARD, NOTES_CARD, STAY_PANELS, HISTORY_CARD)
OF_A_STAY = (*DAY, RESERVATION_ROW, *PAGE)
# The pieces an act may answer with: the one it was asked from.
ANSWERS = {fragment.name: fragment for fragment in (*DAY, RESERVATION_ROW, RESERVATION_HEAD)}


def _pieces(fragments: Iterable[Fragment], pks: Iterable[uuid.UUID]) -> list[str]:
    wanted = list(fragments)
    return [fragment.topic(pk) for pk in pks for fragment in wanted]


def _of_the_day(hotel_pk: uuid.UUID) -> list[str]:
    return _pieces((DAY_FIGURES, DAY_LEAD, ARRIVALS_COUNT, ARRIVALS_NONE), [hotel_pk])


def declare() -> None:
    """Say which rows the pieces show; called once when the app is ready."""
    place("reservation", VIEW, Reservation)
    place("rates", Permission.RATE_VIEW, Property)
    touching(Reservation, _of_reservation)
    touching(RoomAssignment, _of_assignment)
    touching(Guest, lambda guest: _pieces(OF_A_STAY, rows.stay_ids_of_guest(guest.pk)))
    touching(Booking, lambda booking: _pieces(OF_A_STAY, rows.stay_ids_of_booking(booking.pk)))
    touching_all(Room, _of_rooms)
    touching(Room, _of_number)
    touching(RoomType, _of_kind)
    touching(RatePlan, _of_plan)
    touching(Property, _of_business_date)
    DAY_FIGURES.shows(OutOfOrder, pks=lambda closed: [closed.property_id])
    for priced in (RatePlan, RoomType):
        PRICES_TOLD.shows(priced, pks=lambda row: [row.property_id])
    PRICES_TOLD.shows_event(RatesSet, lambda told: [told.property_id])


def _of_reservation(row: Any) -> list[str]:
    rooms = _pieces([ROOM_CELL], rows.room_ids_of_stay(row.pk))
    return [*_pieces(OF_A_STAY, [row.pk]), *_of_the_day(row.property_id), *rooms]


def _of_assignment(row: Any) -> list[str]:
    pieces = _pieces(OF_A_STAY, [row.reservation_id])
    return [*pieces, ROOM_CELL.topic(row.room_id), *_of_the_day(row.property_id)]


def _of_rooms(rooms: Sequence[Any]) -> dict[uuid.UUID, list[str]]:
    stays = rows.stay_ids_in_rooms([room.pk for room in rooms])
    shown = (*DAY, RESERVATION_ROW, RESERVATION_HEAD, STAY_CARD)
    return {
        room.pk: [ROOM_CELL.topic(room.pk), DAY_FIGURES.topic(room.property_id), *_pieces(shown, stays[room.pk])]
        for room in rooms
    }


def _of_number(room: Any) -> list[str]:
    """A room's number stands on the pages of all who ever had it, also of those who left."""
    if "number" not in room.changed_fields():
        return []
    return _pieces((RESERVATION_ROW, RESERVATION_HEAD, STAY_CARD), rows.stay_ids_ever_in_room(room.pk))


def _of_kind(kind: Any) -> list[str]:
    """A room type's code and name stand on its rooms, and on the stays that have it or are to have it."""
    if not {"code", "name"} & kind.changed_fields():
        return []
    cells = _pieces([ROOM_CELL], room_ids_of_type(kind.pk))
    return [*cells, *_pieces(OF_A_STAY, rows.stay_ids_of_kind(kind))]


def _of_plan(plan: Any) -> list[str]:
    """A rate plan's name stands on the nights of the stays that are sold on it."""
    if "name" not in plan.changed_fields():
        return []
    return _pieces([STAY_CARD], rows.stay_ids_on_plan(plan))


def _of_business_date(row: Any) -> list[str]:
    """A new business date moves who is due: yesterday's, today's and tomorrow's lists read themselves anew."""
    if "business_date" not in row.changed_fields():
        return []
    days = {row.business_date, row.stored("business_date") or row.business_date}
    cells = _pieces([ROOM_CELL], rows.room_ids_planned(row.pk, days))
    stays = _pieces((*DAY, RESERVATION_ROW, RESERVATION_HEAD, STAY_CARD), rows.stay_ids_due(row.pk, sorted(days)))
    return [*_of_the_day(row.pk), *cells, *stays]
