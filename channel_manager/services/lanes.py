"""Who may speak with a channel now: one worker at a time per connection and direction, by a lease that runs out.

A worker that dies leaves its lease behind; another takes over when it ends (reliability.md B2). Failures push the next
try back, with jitter, at most a minute (D2).
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from channel_manager.channels.registry import CallRecord, Line, profile_of
from channel_manager.events import ChannelConnectionFailed, ChannelConnectionHealed
from channel_manager.models import CallLog, ChannelConnection, ConnectionPulse
from pms.events.publish import publish
from pms.events.unwatched import touch

Direction = Literal["pull", "push"]

# Longer than the longest call, so that only the dead lose it; short enough to go on in half a minute.
LEASE = dt.timedelta(seconds=30)
LONGEST_PAUSE = 60.0
# So many failures in a row are told to people; a single one is the weather.
TOLD_AFTER = 3
KEPT_CALLS = dt.timedelta(days=14)


@dataclass(slots=True)
class Lane:
    """A lease that is held: for a connection, in one direction."""

    connection_id: uuid.UUID
    direction: Direction
    until: dt.datetime

    def renew(self) -> bool:
        """Keep the lease for the next call; False when another worker has taken over meanwhile."""
        until = timezone.now() + LEASE
        kept = self._held().update(**{f"{self.direction}_lease_until": until})
        self.until = until
        return bool(kept)

    def release(self, *, due_in: float | None = None) -> None:
        """Give the lease back; the next turn is due in so many seconds."""
        values: dict[str, object] = {f"{self.direction}_lease_until": None}
        if due_in is not None:
            values[f"{self.direction}_due_at"] = timezone.now() + dt.timedelta(seconds=due_in)
        self._held().update(**values)

    def _held(self) -> Any:
        return ConnectionPulse.objects.filter(pk=self.connection_id, **{f"{self.direction}_lease_until": self.until})


def lane_claim(connection_id: uuid.UUID, direction: Direction) -> Lane | None:
    """Return the lane if nobody holds it and the connection is live, else None."""
    now = timezone.now()
    lease = f"{direction}_lease_until"
    free = Q(**{lease: None}) | Q(**{f"{lease}__lte": now})
    live = ConnectionPulse.objects.filter(free, pk=connection_id, connection__status=ChannelConnection.Status.LIVE)
    until = now + LEASE
    return Lane(connection_id, direction, until) if live.update(**{lease: until}) else None


def answered(connection: ChannelConnection, direction: Direction) -> None:
    """Note that the channel answered; after a silence that was told, its end is told too."""
    pulse = ConnectionPulse.objects.filter(pk=connection.pk)
    now = timezone.now()
    with transaction.atomic():
        failures, before = pulse.values_list(f"{direction}_failures", "answered_at").get()
        values: dict[str, Any] = {"answered_at": now}
        if failures:
            values |= {f"{direction}_failures": 0, "failure": ""}
        pulse.update(**values)
        # A poll every few seconds is no news: pages show the minute.
        if failures or before is None or _minute(before) != _minute(now):
            touch(ConnectionPulse, of=connection)
        if failures >= TOLD_AFTER:
            publish(ChannelConnectionHealed(property_id=connection.property_id, channel_connection_id=connection.pk))


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def failed(connection: ChannelConnection, direction: Direction, error: Exception) -> float:
    """Note a failure and return in how many seconds to try again."""
    with transaction.atomic():
        pulse = ConnectionPulse.objects.select_for_update().get(pk=connection.pk)
        failures = getattr(pulse, f"{direction}_failures") + 1
        setattr(pulse, f"{direction}_failures", failures)
        pulse.failed_at, pulse.failure = timezone.now(), str(error)[:300]
        pulse.save(update_fields=[f"{direction}_failures", "failed_at", "failure"])
        touch(ConnectionPulse, of=connection)
        if failures == TOLD_AFTER:
            publish(ChannelConnectionFailed(property_id=connection.property_id, channel_connection_id=connection.pk))
    asked = getattr(error, "facts", {}).get("retry_after", 0)
    return pause_after(failures, float(connection.poll_seconds), asked=asked)


def pause_after(failures: int, poll: float, *, asked: int = 0) -> float:
    """Return the seconds to wait after so many failures: doubling, with jitter, and never less than was asked for."""
    longest = min(LONGEST_PAUSE, max(poll, 1.0) * 2 ** min(failures, 6))
    return max(min(float(asked), 3600.0), random.uniform(longest / 2, longest))  # noqa: S311 - jitter, not a secret


def line_of(connection: ChannelConnection) -> Line:
    """Return what the channel's client needs to call for this connection."""
    pulse = ConnectionPulse.objects.filter(pk=connection.pk)

    @transaction.atomic
    def record(call: CallRecord) -> None:
        CallLog.objects.create(
            connection=connection,
            purpose=call.purpose[:30],
            summary=call.summary,
            request=call.request,
            answer=call.answer,
            http_status=call.http_status,
            ok=call.ok,
            error=call.error,
            reference=call.reference,
            milliseconds=call.milliseconds,
        )
        touch(CallLog, of=connection)

    def token() -> str | None:
        row = pulse.values_list("token", "token_until").get()
        return str(row[0]) if row[0] and row[1] and row[1] > timezone.now() else None

    def keep_token(value: str | None, seconds: float) -> None:
        pulse.update(token=value, token_until=timezone.now() + dt.timedelta(seconds=seconds))

    return Line(connection.hotel_id, connection.base_url, connection.credentials, record, token, keep_token)


def client_of(connection: ChannelConnection) -> Any:
    """Return a client that speaks for the connection."""
    return profile_of(connection.kind).client(line_of(connection))


def calls_prune() -> int:
    """Forget calls after 14 days and return how many went."""
    return int(CallLog.objects.filter(at__lt=timezone.now() - KEPT_CALLS).delete()[0])
