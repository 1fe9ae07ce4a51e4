"""The inbox: what a channel sent is stored, masked, before anything else happens; and acknowledged only afterwards."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from channel_manager.channels.registry import profile_of
from channel_manager.drafts import Acknowledgement, Received
from channel_manager.events import (
    ChannelMessageAcknowledged,
    ChannelMessageParked,
    ChannelMessageReceived,
    ChannelMessageSettled,
)
from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.models.messages import UNREADABLE
from pms.core.audit import record_act
from pms.events.publish import publish

State = InboxMessage.State
# What differs each time a channel gives the same body again: its reference, in a comment, and the time of the answer.
PASSING = re.compile(r"""<!--.*?(?:-->|\Z)|\bTimeStamp\s*=\s*["'][^"']{0,40}["']""", re.DOTALL)


@transaction.atomic
def message_store(*, connection: ChannelConnection, queue: str, received: Received) -> InboxMessage:
    """Keep one version of a reservation and return its row; the same version again returns the row that is there."""
    if not received.message_id:
        return body_quarantine(connection=connection, queue=queue, body=received.body, why="It has no number.")
    message = InboxMessage(
        connection=connection,
        message_id=received.message_id,
        revision=received.revision,
        queue=queue,
        body=received.body,
    )
    if _inserted(message):
        publish(
            ChannelMessageReceived(
                property_id=connection.property_id,
                business_date=connection.property.business_date,
                channel_message_id=message.pk,
                connection_id=connection.pk,
            )
        )
        return message
    return _stored(connection, received.message_id, received.revision)


@transaction.atomic
def body_quarantine(*, connection: ChannelConnection, queue: str, body: str, why: str) -> InboxMessage:
    """Keep a masked body that cannot be read, once, and call for a person. It is never acknowledged."""
    revision = hashlib.sha256(PASSING.sub("", body).strip().encode()).hexdigest()
    message = InboxMessage(
        connection=connection,
        message_id=UNREADABLE,
        revision=revision,
        queue=queue,
        body=body,
        state=State.FAILED,
        reasons=[UNREADABLE],
        error=why,
    )
    if not _inserted(message):
        return _stored(connection, UNREADABLE, revision)
    parked(message, connection)
    return message


def _inserted(message: InboxMessage) -> bool:
    """Insert the row unless it is there: ten at once end at the constraint, without an error."""
    InboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    return InboxMessage.objects.filter(pk=message.pk).exists()


def _stored(connection: ChannelConnection, message_id: str, revision: str) -> InboxMessage:
    found: InboxMessage = InboxMessage.objects.get(connection=connection, message_id=message_id, revision=revision)
    return found


def parked(message: InboxMessage, connection: ChannelConnection) -> None:
    """Say that a person should look at a message; in the transaction that parks it."""
    publish(
        ChannelMessageParked(
            property_id=connection.property_id,
            business_date=connection.property.business_date,
            channel_message_id=message.pk,
            connection_id=connection.pk,
            booking_id=message.booking_id,
            reasons=tuple(message.reasons),
        )
    )


def acknowledgement_of(message: InboxMessage, ids: dict[uuid.UUID, Received]) -> Acknowledgement:
    """Return what is told the channel: all the numbers it gave, and ours."""
    given = ids.get(message.pk)
    ours = message.booking.number if message.booking else str(message.pk)
    return Acknowledgement(message.message_id, given.ids if given else ((message.message_id, "14"),), ours)


@transaction.atomic
def messages_acknowledged(*, connection: ChannelConnection, messages: Iterable[InboxMessage]) -> None:
    """Note that the channel knows; said once per message, however often it had to be told."""
    for message in messages:
        if InboxMessage.objects.filter(pk=message.pk, acknowledged_at=None).update(acknowledged_at=timezone.now()):
            publish(
                ChannelMessageAcknowledged(
                    property_id=connection.property_id,
                    business_date=connection.property.business_date,
                    channel_message_id=message.pk,
                    connection_id=connection.pk,
                )
            )


@transaction.atomic
def message_settle(*, message_id: uuid.UUID) -> InboxMessage:
    """Note that a person has looked after a message that needed attention; it no longer calls for anybody."""
    message: InboxMessage = (
        InboxMessage.objects.select_for_update(of=("self",)).select_related("connection__property").get(pk=message_id)
    )
    if message.state in (State.ATTENTION, State.FAILED):
        record_act(
            act="message.settled",
            property_id=message.connection.property_id,
            target=message,
            changes={"reasons": [", ".join(str(reason) for reason in message.reasons), ""]},
        )
        message.reasons = []
        message.state = State.APPLIED if message.booking_id else message.state
        message.save(update_fields=["reasons", "state"])
        publish(
            ChannelMessageSettled(
                property_id=message.connection.property_id,
                business_date=message.connection.property.business_date,
                channel_message_id=message.pk,
                connection_id=message.connection_id,
            )
        )
    return message


@transaction.atomic
def body_import(*, connection: ChannelConnection, body: bytes) -> list[InboxMessage]:
    """Store the reservations of a raw message as if the channel had sent them. Raises `ChannelAnswerUnreadable`.

    For what came by another way (a mail, a support case, an old system). Nothing is acknowledged for it.
    """
    profile = profile_of(connection.kind)
    stored = [
        message_store(connection=connection, queue=profile.queues[0], received=one) for one in profile.split(body)
    ]
    messages_acknowledged(connection=connection, messages=stored)
    return stored
