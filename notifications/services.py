"""Telling people, and noting that they have read it."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from pms.accounts.access import rights_at
from pms.events.bell import ring_user
from pms.events.models import StreamEvent

from .models import Notification
from .selectors.alerts import alert_of, members_of

KEPT_FOR = dt.timedelta(days=30)
HINT = "bell"


@transaction.atomic
def alert_send(*, event: StreamEvent) -> int:
    """Tell those who must know of `event`, except who did it, and return how many; a repeat tells nobody again."""
    code, right = alert_of(event)
    if not code:
        return 0
    told = [user for user in members_of(event) if right in rights_at(user, event.property_id)]
    rows = [
        Notification(
            property_id=event.property_id,
            user=user,
            event_id=event.pk,
            code=code,
            object_id=event.object_id,
            payload=event.payload,
            actor_id=event.actor_id,
            via=event.via,
            occurred_at=event.occurred_at,
        )
        for user in told
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    for user in told:
        ring_user(user.pk, HINT)
    return len(told)


@transaction.atomic
def notification_read(*, notification_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Note that the person has read it; her other open pages learn of it."""
    _read(user_id, pk=notification_id)


@transaction.atomic
def notifications_read_all(*, user_id: uuid.UUID, property_id: uuid.UUID) -> int:
    """Note that the person has read everything of this hotel, and return how many were new."""
    return _read(user_id, property_id=property_id)


@transaction.atomic
def notifications_prune() -> int:
    """Forget notifications older than 30 days, read or not, and return how many there were."""
    gone, _by_model = Notification.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def _read(user_id: uuid.UUID, **which: uuid.UUID) -> int:
    rows = Notification.objects.filter(user_id=user_id, read_at=None, **which)
    changed = rows.update(read_at=timezone.now())
    if changed:
        ring_user(user_id, HINT)
    return changed
