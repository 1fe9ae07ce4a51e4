"""Stock follows the house: rooms that come, go, and are of another type from some night on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.templatetags.ui import short_day
from properties.events import TypeMove
from properties.models import Property, Room
from properties.places.selectors import TypeCalendar
from reservations.errors import NotAvailable
from reservations.selectors.out_of_order import out_of_order_in
from reservations.selectors.stays import nights_open, stays_in_the_way

from .closed_rooms import refuse_out_of_order
from .front_desk import reservation_flag_set
from .inventory import Left, Move, inventory_move, inventory_rebind
from .stays import room_release_check

OVERBOOKED = "overbooked"


@transaction.atomic
def rooms_added_counted(*, hotel: Property, counts: Sequence[tuple[uuid.UUID, int]]) -> None:
    """Count new rooms, so many of each type, in all open nights from the business date on."""
    nights = nights_open(hotel)
    inventory_move(
        hotel=hotel, moves=[Move(kind, night, rooms, "physical") for kind, rooms in counts for night in nights]
    )


@transaction.atomic
def room_counted(*, hotel: Property, room: Room, by: int) -> None:
    """Take a room into the counters of all open nights from the business date on (`by` 1), or out of them (-1).

    Each night counts for the type that the room has in it. Fewer rooms than are sold raises `NotAvailable`, whose
    `stays` are those that could be moved first (domain.md 3).
    """
    types = TypeCalendar([room])
    moves = [Move(types.on(room.pk, night), night, by, "physical") for night in nights_open(hotel)]
    stock_moved(hotel, moves)


@transaction.atomic
def room_retyped(*, hotel: Property, room_id: uuid.UUID, moves: Sequence[TypeMove], forced: bool = False) -> None:
    """Count the room for another type from some night on.

    Refused with `RoomTaken` while a stay is planned into the room from then on, since it would hold a counter of the
    type the room no longer is, and with `NotAvailable` where the old type is sold out. `forced`: the stays that no
    longer fit are flagged as overbooked instead, so that they stand on the work list.
    """
    first = max(min(move.first for move in moves), hotel.business_date)
    room_release_check(hotel=hotel, room_id=room_id, first=first)
    steps = [
        Move(kind, night, by, "physical")
        for move in moves
        for night in nights_open(hotel)
        if move.first <= night and (move.until is None or night < move.until)
        for kind, by in ((move.old, -1), (move.new, 1))
    ]
    steps += _out_of_order_along(hotel, room_id, moves)
    left = stock_moved(hotel, steps, forced=forced)
    if forced:
        overbooked_listed(hotel, left)


@transaction.atomic
def room_parts_counted(*, hotel: Property, room_id: uuid.UUID, beds: int) -> None:
    """Count a room that is made of other parts than before; `beds` more stand in the house, or fewer.

    Refused with `RoomTaken` or `RoomClosed` while a stay is planned into it or it is closed, and with `NotAvailable`
    where so many rooms are sold that it and its parts would be needed at once.
    """
    room_release_check(hotel=hotel, room_id=room_id)
    refuse_out_of_order([room_id], (hotel.business_date, None))
    nights = nights_open(hotel)
    stock_moved(hotel, [Move(None, night, beds, "physical") for night in nights])
    inventory_rebind(hotel=hotel, nights=nights)


def _out_of_order_along(hotel: Property, room_id: uuid.UUID, moves: Sequence[TypeMove]) -> list[Move]:
    """Return the steps that take the nights in which the room is out of order to its new type."""
    nights = [
        (move, night)
        for row in out_of_order_in([room_id], (hotel.business_date, None))
        for move in moves
        for night in nights_open(hotel)
        if night in row.nights and move.first <= night and (move.until is None or night < move.until)
    ]
    return [
        Move(kind, night, by, "out_of_order") for move, night in nights for kind, by in ((move.old, -1), (move.new, 1))
    ]


def stock_moved(hotel: Property, moves: Sequence[Move], *, forced: bool = False) -> Left:
    """Move counters for an act on rooms; refused with `NotAvailable`, whose `stays` could be moved first."""
    try:
        with transaction.atomic():  # a savepoint: who stands in the way is read after the refusal
            return inventory_move(hotel=hotel, moves=moves, forced=forced)
    except NotAvailable as refusal:
        night = dt.date.fromisoformat(refusal.facts["night"])
        kind = refusal.facts["room_type"]
        hit = stays_in_the_way(hotel, uuid.UUID(kind) if kind else None, night)
        refusal.facts["stays"] = [stay.number for stay in hit]
        words = _("Every room is needed on %(night)s. Nothing was changed; move or cancel one of the stays first.")
        raise refusal.saying(words % {"night": short_day(night)}) from refusal


def overbooked_listed(hotel: Property, left: Left) -> None:
    """Flag as many stays as there are rooms too few, those booked last first, in every night that is oversold."""
    listed: set[uuid.UUID] = set()
    for (kind, night), rooms in sorted(left.items(), key=lambda item: item[0][1]):
        if kind is None or rooms >= 0:
            continue
        hit = stays_in_the_way(hotel, kind, night)
        already = sum(stay.pk in listed or OVERBOOKED in stay.flags for stay in hit)
        fresh = [stay for stay in hit if stay.pk not in listed and OVERBOOKED not in stay.flags]
        listed |= {stay.pk for stay in fresh[: max(0, -rooms - already)]}
    for pk in sorted(listed):
        reservation_flag_set(reservation_id=pk, flag=OVERBOOKED, on=True)
