"""The feed as a piece that stays fresh: every event of the hotel touches it."""

from __future__ import annotations

from pms.events.base import Event
from pms.live.fragments import Fragment

from .permissions import Permission
from .selectors.feed import feed_rows

ACTIVITY_FEED = Fragment(
    "activity_feed", "notifications/activity.html#activity-feed", Permission.ACTIVITY_VIEW, feed_rows
)


def declare() -> None:
    """Say that everything that happens shows in the feed; called once when the app is ready."""
    ACTIVITY_FEED.shows_event(Event, lambda event: [event.property_id])
