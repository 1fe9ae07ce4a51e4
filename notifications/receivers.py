"""Reactions to alarms of all lower apps."""

from __future__ import annotations

from pms.core import slots
from pms.events.base import Event
from pms.events.models import StreamEvent
from pms.events.receivers import after

from .selectors.alerts import SLOT, STANDS_STILL
from .services import alert_send


def tell_people(event: StreamEvent) -> None:
    """Tell those who must know; twice is once."""
    alert_send(event=event)


def tell_of_work_that_stands(event: StreamEvent) -> None:
    """Do the same for what could not be delivered, in a lane of its own: it may be `tell_people` that stands."""
    alert_send(event=event)


def declare() -> None:
    """Listen to every event that the slot "alert" names; an event of an app that is not installed never comes."""
    for entry in slots.entries(SLOT):
        if entry.code in Event.catalogue:
            tell = tell_of_work_that_stands if entry.code == STANDS_STILL else tell_people
            after(Event.catalogue[entry.code])(tell)
