"""The pull: ask, store, apply, and only then acknowledge (reliability.md, design rules 14 to 16)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import structlog

from channel_manager.channels.registry import Client, Profile, profile_of
from channel_manager.drafts import Received
from channel_manager.errors import ChannelAnswerUnreadable, ChannelRefused, ChannelUnreachable
from channel_manager.models import ChannelConnection, ConnectionPulse
from channel_manager.outbound import is_local
from channel_manager.selectors.connections import connection_by_id, connection_of_hotel
from channel_manager.selectors.messages import open_ids, to_acknowledge
from pms.core.acting import act_as
from pms.core.crashpoints import crashpoint

from .apply import message_apply
from .inbox import acknowledgement_of, body_quarantine, message_store, messages_acknowledged
from .lanes import Lane, answered, client_of, failed, lane_claim

log = structlog.get_logger(__name__)

# A pause this short is waited out; a longer one gives the worker back.
SHORT_PAUSE = 1.0


@dataclass(slots=True)
class PullResult:
    """What one turn did; `asked` is False when another worker is at it, or the connection is not live."""

    asked: bool = False
    delivered: int = 0
    acknowledged: int = 0


def channel_pull(*, connection_id: uuid.UUID) -> PullResult:
    """Ask the queues of a connection once, one after the other, and look after all they gave.

    What an earlier turn stored and did not finish is finished first. Nothing is raised for a channel in trouble: it is
    noted, told, and tried again later. Whatever this changes, the channel did.
    """
    lane = lane_claim(connection_id, "pull")
    if lane is None:
        return PullResult()
    connection = connection_by_id(connection_id)
    with act_as(via=connection.kind):
        return _pulled(connection, lane)


def _pulled(connection: ChannelConnection, lane: Lane) -> PullResult:
    due_in: float | None = float(connection.poll_seconds)
    result = PullResult(asked=True)
    try:
        due_in = _turn(connection, lane, result)
        answered(connection, "pull")
    except (ChannelUnreachable, ChannelRefused) as error:
        log.warning("channel.pull_failed", connection=str(connection.pk), error=str(error))
        due_in = failed(connection, "pull", error)
    finally:
        lane.release(due_in=due_in)
    return result


def _turn(connection: ChannelConnection, lane: Lane, result: PullResult) -> float:
    """Ask each queue; return in how many seconds the next turn is due."""
    profile = profile_of(connection.kind)
    client: Client = client_of(connection)
    for message_id in open_ids(connection.pk):
        message_apply(message_id=message_id)
    first = connection.pulse.next_queue
    start = profile.queues.index(first) if first in profile.queues else 0
    queues = profile.queues[start:]  # a turn that was cut short goes on where it stopped
    pause = ack_pause(connection, profile)
    for queue in queues:
        if not lane.renew():
            return 0.0
        told = _queue(connection, client, lane, queue, result)
        following = profile.queues[(profile.queues.index(queue) + 1) % len(profile.queues)]
        ConnectionPulse.objects.filter(pk=connection.pk).update(next_queue=following)
        if told and pause > SHORT_PAUSE:
            return pause if following != profile.queues[0] else max(pause, float(connection.poll_seconds))
        if told:
            time.sleep(pause)
    return float(connection.poll_seconds)


def ack_pause(connection: ChannelConnection, profile: Profile) -> float:
    """Return the seconds between an acknowledgement and the next question: as documented, less on this machine."""
    quick = is_local(connection.base_url) and connection.poll_seconds < profile.poll_seconds
    return min(profile.ack_pause, float(connection.poll_seconds)) if quick else profile.ack_pause


def _queue(connection: ChannelConnection, client: Client, lane: Lane, queue: str, result: PullResult) -> bool:
    """Ask one queue, store, apply, acknowledge; tell whether anything was acknowledged."""
    try:
        found = client.pull(queue)
    except ChannelAnswerUnreadable as error:
        # Acknowledging what nobody could read would lose it; the queue gives it again.
        body_quarantine(connection=connection, queue=queue, body=str(error.facts.get("body", "")), why=str(error))
        return False
    stored = _stored(connection, queue, found)
    result.delivered += len(stored)
    for message_id in stored:
        message_apply(message_id=message_id)
    if not lane.renew():
        return False
    return _acknowledged(connection, client, queue, stored, result)


def _stored(connection: ChannelConnection, queue: str, found: list[Received]) -> dict[uuid.UUID, Received]:
    stored = {}
    for one in found:
        owner = connection_of_hotel(connection, one.hotel_id)
        if owner is None:
            log.warning("channel.foreign_hotel", connection=str(connection.pk), hotel_id=one.hotel_id)
            continue
        message = message_store(connection=owner, queue=queue, received=one)
        crashpoint("inbox.stored")
        stored[message.pk] = one
    return stored


def _acknowledged(
    connection: ChannelConnection,
    client: Client,
    queue: str,
    stored: dict[uuid.UUID, Received],
    result: PullResult,
) -> bool:
    """Acknowledge what is committed: applied, or parked for a person. What is only stored waits."""
    messages = to_acknowledge(connection.pk, queue, stored)
    if not messages:
        return False
    items = {message.message_id: acknowledgement_of(message, stored) for message in messages}
    crashpoint("inbox.applied")
    unknown = client.acknowledge(queue, list(items.values()))
    # What the channel no longer waits for is done too: if there is a newer version, the queue gives it.
    if unknown:
        log.info("channel.not_waiting", connection=str(connection.pk), numbers=sorted(unknown))
    messages_acknowledged(connection=connection, messages=messages)
    result.acknowledged += len(items)
    return True
