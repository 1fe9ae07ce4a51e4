"""Rooms out of order and out of service: closed for some nights, opened again early, later or on time.

Out of order takes the room out of the stock of its type, night by night, and nobody may be planned into it; out of
service does neither. Every act holds the hotel's stock still, as those do that plan stays into rooms, so that a room is
never both. Lock order (docs/adr/0004-lock-order.md): business day → inventory → room → closed room.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]  # no stubs yet
from django.utils.translation import gettext as _

from pms.core.db_errors import on_constraint
from pms.core.errors import InvalidValue
from pms.events.publish import publish
from properties.errors import RoomMadeOfOthers
from properties.models import Property, Room
from properties.places.selectors import TypeCalendar
from properties.services.changes import apply, check
from properties.services.rooms import room_mark
from reservations.errors import RoomClosed, RoomNeeded
from reservations.events import OutOfOrderChanged, OutOfOrderEnded, OutOfOrderSet
from reservations.models import OutOfOrder
from reservations.models.out_of_order import CLOSED_ONCE
from reservations.selectors.out_of_order import (
    closed_room_for_update,
    closed_room_seen,
    periods_in,
    periods_over,
    planned_into,
)
from reservations.selectors.stays import room_locked_for_update, room_seen

from .assignments import family_recounted
from .closed_rooms import room_closed
from .house import overbooked_listed, stock_moved
from .inventory import Move, stock_held
from .refusals import refusals_told

ONE_DAY = dt.timedelta(days=1)
Kind = OutOfOrder.Kind
FIELDS = frozenset({"reason", "return_condition"})


@transaction.atomic
def out_of_order_set(
    *,
    hotel: Property,
    room_id: uuid.UUID,
    kind: str,
    first: dt.date,
    last: dt.date,
    reason: str,
    return_condition: str = Room.Condition.DIRTY,
    forced: bool = False,
) -> OutOfOrder:
    """Close a room for the nights `first` to `last`, both included; afterwards it is in `return_condition`.

    Out of order raises `RoomNeeded` with the stays planned into it in these nights, or while somebody is in it, and
    `NotAvailable` with the stays hit where its type is sold out; `forced`, those stand on the work list as overbooked.
    Raises `RoomClosed` if it is closed in one of the nights, `NightNotOpen`, `InvalidValue`, `NotThere`.
    """
    hotel = stock_held(hotel)
    if first < hotel.business_date:
        raise InvalidValue(_("A night that is past cannot be closed. Nothing was changed."), field="first")
    nights = _range(first, last)
    seen = room_seen(room_id, hotel)
    _refuse_made_of_others(seen)
    _refuse_closed(seen, nights)
    if kind == Kind.OUT_OF_ORDER:
        _refuse_used(hotel, seen, nights)
        _count(hotel, seen, nights, 1, forced=forced)
    room = room_locked_for_update(room_id, hotel)
    row = OutOfOrder(
        property=hotel, room=room, kind=kind, nights=nights, reason=reason.strip(), return_condition=return_condition
    )
    check(row)
    with refusals_told():
        row.save()
    _recount(hotel, room, kind, [nights], forced=forced)
    publish(OutOfOrderSet(first=first, last=last, **_facts(hotel, row)))
    return row


@transaction.atomic
def out_of_order_change(
    *,
    hotel: Property,
    out_of_order_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
    forced: bool = False,
) -> OutOfOrder:
    """Change `reason` and `return_condition`, merged with what others saved, and `last`, the last closed night.

    A later one is judged as a new period is; to open the room before its time is `out_of_order_end`. Raises as
    `out_of_order_set`, and `StaleVersion`.
    """
    hotel = stock_held(hotel)
    seen = closed_room_seen(out_of_order_id, hotel)
    last = values.get("last", seen.last)
    if last != seen.last:
        if last < max(seen.first, hotel.business_date):
            raise InvalidValue(_("That night is past. Nothing was changed; open the room instead."), field="last")
        _stretch(hotel, seen, last + ONE_DAY, forced=forced)
    room_locked_for_update(seen.room_id, hotel)
    row = closed_room_for_update(out_of_order_id, hotel)
    fields = {name: value for name, value in values.items() if name in FIELDS}
    changes = apply(row, values=fields, allowed=FIELDS, seen_version=seen_version, originals=originals)
    nights = DateRange(row.first, last + ONE_DAY)
    if not changes and nights == row.nights:
        return row
    before, row.nights = row.nights, nights
    with refusals_told():
        row.save()
    _recount(hotel, seen.room, row.kind, [before, nights], forced=forced or nights.upper < before.upper)
    told = {name: change for name, change in changes.items() if name != "reason"}  # a text may name a guest
    if nights != before:
        told["last"] = (before.upper - ONE_DAY, row.last)
    publish(OutOfOrderChanged(first=row.first, last=row.last, changes=told, **_facts(hotel, row)))
    return row


@transaction.atomic
def out_of_order_end(*, hotel: Property, out_of_order_id: uuid.UUID) -> OutOfOrder:
    """Open the room again from the business date on; one that was closed already is then in its return condition."""
    hotel = stock_held(hotel)
    seen = closed_room_seen(out_of_order_id, hotel)
    begun = seen.first < hotel.business_date
    if seen.nights.upper <= hotel.business_date:
        return seen
    _open(hotel, seen, DateRange(max(seen.first, hotel.business_date), seen.nights.upper))
    room = room_locked_for_update(seen.room_id, hotel)
    row = closed_room_for_update(out_of_order_id, hotel)
    row.active = begun
    if begun:
        row.nights = DateRange(row.first, hotel.business_date)
    row.save()
    _recount(hotel, seen.room, row.kind, [seen.nights], forced=True)
    if seen.first <= hotel.business_date:
        room_mark(room_id=room.pk, condition=row.return_condition)
    publish(OutOfOrderEnded(**_facts(hotel, row)))
    return row


@transaction.atomic
def out_of_order_returned(*, hotel: Property) -> list[OutOfOrder]:
    """Mark the rooms that are open again from the business date on; asked by the roll, which holds the day."""
    over = periods_over(hotel, hotel.business_date)
    for row in over:
        if row.room.archived_at is None:
            room_mark(room_id=row.room_id, condition=row.return_condition)
        publish(OutOfOrderEnded(**_facts(hotel, row)))
    return over


def _range(first: dt.date, last: dt.date) -> DateRange:
    if last < first:
        raise InvalidValue(_("The last night lies before the first. Nothing was changed."), field="last")
    return DateRange(first, last + ONE_DAY)


def _stretch(hotel: Property, seen: OutOfOrder, until: dt.date, *, forced: bool) -> None:
    """Take the nights that are added, or give back those that are dropped."""
    if until < seen.nights.upper:
        _open(hotel, seen, DateRange(until, seen.nights.upper))
        return
    more = DateRange(max(seen.nights.upper, hotel.business_date), until)
    if seen.nights.upper < hotel.business_date:
        raise InvalidValue(_("It is over. Nothing was changed; close the room anew."), field="last")
    _refuse_closed(seen.room, more, but=seen.pk)
    if seen.kind == Kind.OUT_OF_ORDER:
        _refuse_used(hotel, seen.room, more)
        _count(hotel, seen.room, more, 1, forced=forced)


def _open(hotel: Property, seen: OutOfOrder, nights: DateRange) -> None:
    if seen.kind == Kind.OUT_OF_ORDER:
        _count(hotel, seen.room, nights, -1)


def _count(hotel: Property, room: Room, nights: DateRange, by: int, *, forced: bool = False) -> None:
    types = TypeCalendar([room])
    days = [nights.lower + ONE_DAY * at for at in range((nights.upper - nights.lower).days)]
    moves = [Move(types.on(room.pk, night), night, by, "out_of_order") for night in days]
    left = stock_moved(hotel, moves, forced=forced)
    if forced:
        overbooked_listed(hotel, left)


def _recount(hotel: Property, room: Room, kind: str, nights: Sequence[DateRange], *, forced: bool) -> None:
    """A room made of others cannot be sold as one while a part of it is out of order."""
    if kind == Kind.OUT_OF_ORDER:
        family_recounted(hotel=hotel, room=room, nights=nights, forced=forced)


def _refuse_made_of_others(room: Room) -> None:
    if room.parts:
        words = _("Room %s is made of other rooms. Nothing was changed; close one of those.")
        raise RoomMadeOfOthers(words % room.number, room=room.number)


def _refuse_used(hotel: Property, room: Room, nights: DateRange) -> None:
    stays = [assignment.reservation.number for assignment in planned_into(room.pk, nights)]
    if stays:
        words = _("Room %(room)s is planned for %(stays)s. It was not closed; give them another room first.")
        raise RoomNeeded(words % {"room": room.number, "stays": ", ".join(stays)}, room=room.number, stays=stays)
    if room.occupancy == Room.Occupancy.OCCUPIED and hotel.business_date in nights:
        words = _("Somebody is in room %(room)s. It was not closed; choose a later night or wait for the check-out.")
        raise RoomNeeded(words % {"room": room.number}, room=room.number, stays=[])


def _refuse_closed(room: Room, nights: DateRange, *, but: uuid.UUID | None = None) -> None:
    row = next((period for period in periods_in([room.pk], nights) if period.pk != but), None)
    if row is not None:
        raise room_closed(row)


def _facts(hotel: Property, row: OutOfOrder) -> dict[str, Any]:
    return {
        "property_id": hotel.pk,
        "business_date": hotel.business_date,
        "version": row.version,
        "out_of_order_id": row.pk,
        "room_id": row.room_id,
    }


on_constraint(CLOSED_ONCE, lambda _diagnostics: RoomClosed(_("The room is closed in one of these nights already.")))
