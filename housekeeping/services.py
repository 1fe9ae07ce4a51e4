"""What housekeeping does by itself; rooms are marked by the services of `properties`, like by every hand."""

from __future__ import annotations

import uuid

from django.db import transaction

from properties.models import Room
from properties.services import rooms_mark

from .selectors import occupied_room_ids


@transaction.atomic
def stay_overs_mark(*, property_id: uuid.UUID) -> int:
    """Mark every occupied room dirty and return how many there are: each is due for service.

    All at once: the roll holds the business day meanwhile, and whoever stands at the desk waits for it.
    """
    rooms = occupied_room_ids(property_id)
    rooms_mark(room_ids=rooms, condition=Room.Condition.DIRTY)
    return len(rooms)
