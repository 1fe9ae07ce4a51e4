"""What can be done with a stay now, and why not: the same rules that the services raise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pms.api.shapes import action
from properties.models import Property
from reservations import rules
from reservations.models import Reservation


def with_actions(hotel: Property, stays: Iterable[Reservation]) -> None:
    """Say of each stay what can be done with it now, and why not."""
    for stay in stays:
        assignments: list[Any] = stay.active_assignments  # type: ignore[attr-defined]  # prefetched by reservations_of
        room = assignments[0].room if assignments else None
        stay.actions = [  # type: ignore[attr-defined]  # read by the serializer
            action("assign_room", rules.against_assigning(stay)),
            action("unassign_room", rules.against_unassigning(stay)),
            action("check_in", rules.against_check_in(stay, room, hotel)),
            action("undo_check_in", rules.against_undoing_check_in(stay, hotel)),
            action("check_out", rules.against_check_out(stay, hotel)),
            action("undo_check_out", rules.against_undoing_check_out(stay, room, hotel)),
            action("cancel", rules.against_cancelling(stay)),
        ]
