"""The push: a channel is told the present values of what may have changed, until nothing is left to tell.

A level, not an edge (architecture.md 9): a retry sends what is true then, so it can never bring back an old value.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channel_manager.channels.registry import Client, profile_of
from channel_manager.drafts import AvailabilityRun
from channel_manager.errors import ChannelRefused, ChannelUnreachable
from channel_manager.events import ChannelAvailabilitySent
from channel_manager.models import ChannelConnection, DirtyRange, SentValue
from channel_manager.selectors.availability import dirty_ranges, fewest_runs, sellable_now, unsent
from channel_manager.selectors.connections import connection_by_id, live_ids_of
from pms.core.acting import act_as, acting
from pms.events.publish import publish
from pms.events.unwatched import touch
from reservations.events import AvailabilityMoved
from reservations.services.inventory import HORIZON

from .lanes import Lane, answered, client_of, failed, lane_claim

log = structlog.get_logger(__name__)

# A holder of the lane goes on while it is rung; a storm of changes ends its turn after so many rounds.
MOST_ROUNDS = 20


@dataclass(slots=True)
class PushResult:
    """What one turn told the channel; `asked` is False when another worker is at it, or the connection is not live."""

    asked: bool = False
    messages: int = 0
    cells: int = 0
    refused: int = 0


@transaction.atomic
def availability_dirtied(*, event: AvailabilityMoved) -> None:
    """Note for every live connection that these nights may have changed, in the transaction of the change.

    All types, whichever moved: what can be sold of one is bounded by the house, and that moved along.
    """
    DirtyRange.objects.bulk_create(
        DirtyRange(connection_id=pk, first=event.first, last=event.last) for pk in live_ids_of(event.property_id)
    )


@transaction.atomic
def connection_dirtied(*, connection: ChannelConnection, anew: bool = False) -> None:
    """Have everything told: what differs from what the channel knows, or (`anew`) all of it as if it knew nothing."""
    first = connection.property.business_date
    if anew:
        SentValue.objects.filter(connection=connection).delete()
    DirtyRange(connection=connection, first=first, last=first + HORIZON).save()
    touch(DirtyRange, of=connection)


def channel_push(*, connection_id: uuid.UUID) -> PushResult:
    """Tell the channel what changed, until nothing is dirty; one worker at a time per connection.

    Whoever finds the lane taken leaves: the holder looks again before it goes. Nothing is raised for a channel in
    trouble: it is noted, told, and tried again later; whatever this changes, the channel did.
    """
    result = PushResult()
    for _turn in range(MOST_ROUNDS):
        lane = lane_claim(connection_id, "push")
        if lane is None:
            break
        result.asked = True
        connection = connection_by_id(connection_id)
        with act_as(via=connection.kind, request_id=acting().request_id):
            more = _round(connection, lane, result)
        if not more:
            break
    return result


def _round(connection: ChannelConnection, lane: Lane, result: PushResult) -> bool:
    """Tell what is dirty now; return whether there may be more to tell."""
    due_in = 0.0
    try:
        dirty = dirty_ranges(connection.pk)
        if not dirty:
            return False
        profile = profile_of(connection.kind)
        present = sellable_now(connection, dirty, most=profile.most_value)
        runs = fewest_runs(unsent(connection.pk, present), present)
        refused = _tell(connection, client_of(connection), lane, runs, result)
        if refused:
            # The cells stay dirty: told again later with their values of then.
            words = ngettext("%d range was refused: %s", "%d ranges were refused: %s", len(refused))
            raise ChannelRefused(words % (len(refused), refused[0]))
        _settled(connection, dirty)
        if runs:
            answered(connection, "push")
    except (ChannelUnreachable, ChannelRefused) as error:
        log.warning("channel.push_failed", connection=str(connection.pk), error=str(error))
        due_in = failed(connection, "push", error)
        return False
    finally:
        lane.release(due_in=due_in)
    return True


def _tell(
    connection: ChannelConnection, client: Client, lane: Lane, runs: Sequence[AvailabilityRun], result: PushResult
) -> list[str]:
    """Send the runs in as few messages as the channel takes; return why runs were refused."""
    refused: list[str] = []
    most = profile_of(connection.kind).most_runs
    for start in range(0, len(runs), most):
        part = runs[start : start + most]
        if not lane.renew():
            raise ChannelUnreachable(_("Another worker tells this channel now."))
        _forget(connection, part)
        answer = client.push(part)
        _remember(connection, answer.taken)
        refused += answer.refused.values()
        result.messages += 1
        result.cells += sum(len(run.cells()) for run in answer.taken)
        result.refused += len(answer.refused)
    return refused


@transaction.atomic
def _settled(connection: ChannelConnection, told: Sequence[DirtyRange]) -> None:
    """Take what was told out of the queue, also where nothing had to be said.

    Each by its own key: a transaction that commits late brings a lower number than some that were read.
    """
    DirtyRange.objects.filter(pk__in=[row.pk for row in told]).delete()
    touch(DirtyRange, of=connection)


@transaction.atomic
def _forget(connection: ChannelConnection, runs: Sequence[AvailabilityRun]) -> None:
    """Forget what these cells were told: if no answer comes, nobody knows what the channel holds."""
    for run in runs:
        SentValue.objects.filter(
            connection=connection, external_room=run.room, night__gte=run.first, night__lte=run.last
        ).delete()


@transaction.atomic
def _remember(connection: ChannelConnection, runs: Sequence[AvailabilityRun]) -> None:
    now = timezone.now()
    SentValue.objects.bulk_create(
        SentValue(connection=connection, external_room=room, night=night, value=run.value, acknowledged_at=now)
        for run in runs
        for room, night in run.cells()
    )
    if runs:
        publish(
            ChannelAvailabilitySent(
                property_id=connection.property_id,
                channel_connection_id=connection.pk,
                cells=sum(len(run.cells()) for run in runs),
                messages=1,
            )
        )
