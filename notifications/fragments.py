"""The lines of the feed as pieces that stay fresh: each event of the hotel is one, or makes the one before longer."""

from __future__ import annotations

from pms.live.fragments import Fragment

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
