"""What closed rooms mean to other acts: nobody is planned into a room that is out of order."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from pms.core.templatetags.ui import day
from reservations.errors import RoomClosed
from reservations.models import OutOfOrder
from reservations.selectors.out_of_order import out_of_order_in


def refuse_out_of_order(room_ids: Collection[uuid.UUID], nights: Any) -> None:
    """Raise `RoomClosed` if one of these rooms is out of order in one of the nights."""
    row = out_of_order_in(room_ids, nights).first()
    if row is not None:
        raise room_closed(row)


def room_closed(row: OutOfOrder) -> RoomClosed:
    """Return the refusal that says when and why the room is closed."""
    words = _("Room %(room)s is %(kind)s from %(first)s to %(last)s: %(reason)s. Nothing was changed.")
    facts = {"room": row.room.number, "kind": row.get_kind_display(), "reason": row.reason}
    return RoomClosed(
        words % {**facts, "first": day(row.first), "last": day(row.last)},
        room=row.room.number,
        first=row.first.isoformat(),
        last=row.last.isoformat(),
    )
