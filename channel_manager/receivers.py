"""Reactions to the hotel's news: what can be sold moved, so the channels have to hear of it."""

from __future__ import annotations

from django.utils import timezone

from pms.events.models import StreamEvent
from pms.events.receivers import after, within
from reservations.events import AvailabilityMoved

from .selectors.connections import live_ids_of, push_due_ids
from .services.push import availability_dirtied
from .services.turns import push_side_by_side


@within(AvailabilityMoved)
def dirty_availability(event: AvailabilityMoved) -> None:
    """Whatever becomes of the worker: what is dirty stays written until a channel was told."""
    availability_dirtied(event=event)


@after(AvailabilityMoved)
def push_availability(event: StreamEvent) -> None:
    """Tell the channels at once; one in trouble is left to the clock, one that is being told to its teller."""
    due = set(push_due_ids(timezone.now())) & set(live_ids_of(event.property_id))
    if due:
        push_side_by_side(connection_ids=sorted(due))
