"""Whether a room can be sold and used: known to the app that plans repairs, so it comes through a slot.

The slot `properties.service_state` has at most one provider. It is called with `(hotel, room_ids)` and returns a dict
from room id to `out_of_order` or `out_of_service` for those rooms that are so on the hotel's business date.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pms.core import slots

SLOT = "properties.service_state"
IN_SERVICE = "in_service"


def with_service_state(hotel: Any, rooms: Sequence[Any]) -> None:
    """Give each of these rooms its `service_state`, in one question for all."""
    states: dict[Any, str] = {}
    for entry in slots.entries(SLOT):
        states |= entry.provider(hotel, [room.pk for room in rooms])
    for room in rooms:
        room.service_state = states.get(room.pk, IN_SERVICE)
