"""The lines of the feed as pieces that stay fresh: each event of the hotel is one, or makes the one before longer.

What a line calls by its name may be called otherwise later: then the feed is read anew.
"""

from __future__ import annotations

from pms.live.fragments import Fragment, marks
from properties.events import RoomChanged, RoomTypeChanged, StaffRemoved
from reservations.events import RatePlanChanged
from reservations.models import Guest

from .permissions import Permission
from .selectors.feed import feed_lines
from .selectors.runs import first_of_runs

ACTIVITY_LINE = Fragment(
    name="activity_line",
    template="notifications/activity.html#activity-line",
    right=Permission.ACTIVITY_VIEW,
    rows=feed_lines,
    key=int,
    of_events=first_of_runs,
)
ACTIVITY_NAMES = Fragment(
    name="activity_names",
    template="notifications/activity.html#activity-names",
    right=Permission.ACTIVITY_VIEW,
    rows=marks,
)


def declare() -> None:
    """Say what changes the name of something that lines speak of; called once when the app is ready."""
    for event in (RoomChanged, RoomTypeChanged, RatePlanChanged, StaffRemoved):
        ACTIVITY_NAMES.shows_event(event, lambda happened: [happened.property_id])
    # A new guest is in no line yet.
    ACTIVITY_NAMES.shows(Guest, lambda guest: guest.property_ids() if guest.version > 1 else ())
