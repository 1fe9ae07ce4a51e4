"""The public feed of events: what happened at a hotel, in order, to be read again from any number (api.md)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pms.events.models import StreamEvent

from . import scopes
from .base import ApiView
from .calls import Call, Reply
from .fields import Query
from .operations import operation
from .paging import DEFAULT_LIMIT, MAX_LIMIT
from .permissions import Permission
from .selectors import public_events


class EventsQuery(Query):
    """Where to go on reading."""

    after = serializers.IntegerField(
        required=False, default=None, min_value=0, max_value=2**62, help_text="Only events with a higher number."
    )
    limit = serializers.IntegerField(required=False, default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)
    epoch = serializers.UUIDField(
        required=False, default=None, help_text="The epoch you read last; 409 `epoch_changed` if it is another now."
    )


class EventObject(serializers.Serializer):
    """What it happened to."""

    type = serializers.CharField()
    id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)


class EventOutput(serializers.Serializer):
    """One thing that happened."""

    seq = serializers.IntegerField(help_text="Rises; gaps are normal.")
    epoch = serializers.CharField()
    type = serializers.CharField(help_text="Such as `reservation.checked_in`.")
    occurred_at = serializers.DateTimeField()
    business_date = serializers.DateField(allow_null=True)
    object = EventObject()
    changes = serializers.DictField(
        child=serializers.ListField(min_length=2, max_length=2), help_text="Field → [old, new]; never personal data."
    )
    actor = serializers.CharField(allow_null=True, help_text="The id of the user who did it.")
    request_id = serializers.CharField()


class FeedOutput(serializers.Serializer):
    """Some events, and how far the stream goes."""

    results = EventOutput(many=True)
    head = serializers.IntegerField(help_text="The highest number of the hotel's stream.")
    epoch = serializers.CharField(help_text="Changes when the database was restored to an earlier point.")
    next_after = serializers.IntegerField(help_text="Ask with this `after` next time.")


class EventListApi(ApiView):
    """What happened at the hotel."""

    tag = "events"

    @operation(
        summary="Read what happened",
        description=(
            "At least once, in order. Only events about objects whose read scope the token has are told; go on with "
            "`after` = `next_after`. Events are kept for 7 days."
        ),
        scope="events.read",
        right=Permission.EVENTS_READ,
        query=EventsQuery,
        output=FeedOutput,
        refusals=["cursor_expired", "epoch_changed"],
    )
    def get(self, call: Call) -> Reply:
        """Answer with the events after a number."""
        feed = public_events(
            call.hotel.pk,
            after=call.query["after"],
            epoch=str(call.query["epoch"] or ""),
            limit=call.query["limit"],
            object_types=scopes.object_types_readable(call.grant.scopes),
        )
        content = {
            "results": [_told(event, feed.head.epoch) for event in feed.events],
            "head": feed.head.seq,
            "epoch": feed.head.epoch,
            "next_after": feed.next_after,
        }
        return Reply(content=content)


def _told(event: StreamEvent, epoch: str) -> dict[str, Any]:
    """Return the public form of an event: of its payload only the allow-listed changes are told."""
    return {
        "seq": event.seq,
        "epoch": epoch,
        "type": event.code,
        "occurred_at": event.occurred_at,
        "business_date": event.business_date,
        "object": {"type": event.object_type, "id": event.object_id, "version": event.version},
        "changes": event.payload.get("changes", {}),
        "actor": str(event.actor_id) if event.actor_id else None,
        "request_id": event.request_id,
    }
