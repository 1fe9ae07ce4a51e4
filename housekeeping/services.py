"""What housekeeping does by itself; rooms are marked by `properties.services.room_mark`, like by every hand."""

from __future__ import annotations

import uuid

from django.db import transaction

from properties.models import Room
from properties.services import room_mark

from .selectors import occupied_room_ids


@transaction.atomic
def stay_overs_mark(*, property_id: uuid.UUID) -> int:
    """Mark every occupied room dirty, in key order, and return how many there are: each is due for service."""
    rooms = occupied_room_ids(property_id)
    for room_id in rooms:
        room_mark(room_id=room_id, condition=Room.Condition.DIRTY)
    return len(rooms)
