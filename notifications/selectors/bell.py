"""What one person was told at one hotel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from notifications.models import Notification
from pms.core.errors import NotThere
from pms.live.fragments import Audience
from properties.models import Property

from .feed import tell
from .lines import Happening, Told, codes_unsaid

NEWEST = 20


@dataclass(frozen=True, slots=True)
class Ring:
    """One notification as the panel shows it."""

    pk: uuid.UUID
    read: bool
    told: Told


def unread_count(user: Any, property_id: uuid.UUID, rights: frozenset[str]) -> int:
    """Return how many notifications the person has not read, of those she may still see."""
    return _visible(user, property_id, rights).filter(read_at=None).count()


def newest_rings(user: Any, hotel: Property, audience: Audience) -> Sequence[Ring]:
    """Return the latest notifications of the person as sentences, newest first."""
    rows = {row.event_id: row for row in _visible(user, hotel.pk, audience.rights).order_by("-event_id")[:NEWEST]}
    told = tell(hotel, [Happening.of(row, hotel) for row in rows.values()], audience)
    return [Ring(rows[one.key].pk, rows[one.key].read_at is not None, one) for one in told]


def notification_of(user: Any, hotel: Property, pk: uuid.UUID) -> Notification:
    """Return the person's own notification. Raises `NotThere` for everybody else's."""
    row: Notification | None = Notification.objects.filter(pk=pk, user_id=user.pk, property_id=hotel.pk).first()
    if row is None:
        raise NotThere(_("That notification"))
    return row


def address_of(row: Notification, hotel: Property, audience: Audience) -> str:
    """Return the page where the matter is settled, or nothing."""
    return next((one.line.url for one in tell(hotel, [Happening.of(row, hotel)], audience)), "")


def _visible(user: Any, property_id: uuid.UUID, rights: frozenset[str]) -> QuerySet[Notification]:
    rows = Notification.objects.filter(user_id=user.pk, property_id=property_id)
    return rows.exclude(code__in=codes_unsaid(rights))
