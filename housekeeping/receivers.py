"""Reactions to the hotel's own news: a new day finds work in every occupied room."""

from __future__ import annotations

from pms.events.receivers import within
from properties.events import BusinessDateRolled

from .services import stay_overs_mark


@within(BusinessDateRolled)
def mark_stay_overs(event: BusinessDateRolled) -> None:
    """Whoever slept here gets service: the room is dirty from the first minute of the new day."""
    stay_overs_mark(property_id=event.property_id)
