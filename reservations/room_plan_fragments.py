"""How open room plans hear of changes (docs/adr/0013-rows-of-the-room-plan-are-fetched.md).

Which bars a row shows depends on the days that its reader looks at, so a pushed row would have to be drawn for each of
them. What all readers share is pushed: the head of a room's row with its condition. Of everything else the socket
brings a mark, `<i class="touch" data-seq=…>`; a row that is older than its mark is fetched by static/js/room-plan.js,
together with all others that were touched in the same moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from pms.live.fragments import Audience, Fragment, marks
from properties.models import Property, Room, RoomType
from properties.selectors import room_ids_of_type
from properties.shell import NAVIGATION

from .events import AvailabilityMoved
from .models import Guest, OutOfOrder, Reservation, RoomAssignment
from .permissions import Permission
from .room_plan_pen import UNMAPPED
from .selectors.room_plan import (
    PlanRoom,
    PlanType,
    frame_of,
    lanes_of_guest,
    plan_rooms,
    plan_types,
    rooms_of_guest,
    rooms_of_stay,
)

PIECES = "reservations/room_plan_pieces.html"


class RoomHead(NamedTuple):
    """A room and its type."""

    room: PlanRoom
    kind: PlanType


def room_heads(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomHead]:
    """Return the heads of these rooms; archived rooms and rooms of other hotels are left out."""
    kinds = plan_types(audience.property_id)
    rooms = plan_rooms(audience.property_id, pks)
    return {room.pk: RoomHead(room, kinds.get(room.room_type_id, UNMAPPED)) for room in rooms}


def frames(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, dict[str, Any]]:
    """Return what the frame of the audience's hotel rests on."""
    return {pk: {"pk": pk, "rests_on": frame_of(pk)} for pk in pks if pk == audience.property_id}


_SEEN = Permission.RESERVATION_VIEW
PLAN_ROOM = Fragment(name="plan_room", template=f"{PIECES}#room", right=_SEEN, rows=room_heads)
PLAN_ROW = Fragment(name="plan_row", template=f"{PIECES}#row", right=_SEEN, rows=marks)
PLAN_LANE = Fragment(name="plan_lane", template=f"{PIECES}#lane", right=_SEEN, rows=marks)
PLAN_STOCK = Fragment(name="plan_stock", template=f"{PIECES}#stock", right=_SEEN, rows=marks)
PLAN_FRAME = Fragment(name="plan_frame", template=f"{PIECES}#frame", right=_SEEN, rows=frames)
ALL = (PLAN_ROOM, PLAN_ROW, PLAN_LANE, PLAN_STOCK, PLAN_FRAME)


def declare() -> None:
    """Say which rows the pieces show and put the plan among the sections; called once when the app is ready."""
    slots.register(NAVIGATION, slots.Entry(code="room_plan", provider=navigation, right=_SEEN, order=20))
    PLAN_ROOM.shows(Room)
    PLAN_ROOM.shows(RoomType, pks=lambda kind: room_ids_of_type(kind.pk))
    PLAN_ROW.shows(RoomAssignment, pks=lambda assignment: [assignment.room_id])
    PLAN_ROW.shows(OutOfOrder, pks=lambda closed: [closed.room_id])
    PLAN_ROW.shows(Reservation, pks=rooms_of_stay)
    PLAN_ROW.shows(Guest, pks=rooms_of_guest)
    PLAN_LANE.shows(Reservation, pks=_lane)
    PLAN_LANE.shows(RoomAssignment, pks=lambda assignment: _lane(assignment.reservation))
    PLAN_LANE.shows(Guest, pks=lanes_of_guest)
    # Counters are not watched one by one: whoever moved them told it in one event.
    PLAN_STOCK.shows_event(AvailabilityMoved, pks=lambda moved: [moved.property_id])
    PLAN_FRAME.shows(Property)
    PLAN_FRAME.shows(RoomType, pks=lambda kind: [kind.property_id])


def navigation(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    """Return the entry of the plan among the sections."""
    url = reverse("reservations:room_plan", args=[hotel.code])
    return {"label": _("Room plan"), "short": _("Plan"), "icon": "chart-gantt", "url": url, "primary": True}


def _lane(reservation: Reservation) -> list[uuid.UUID]:
    """Return the lane of a stay without a room; what is mapped to no type has the lane that bears the hotel's key."""
    return [reservation.room_type_id or reservation.property_id]
