"""Deliveries that no receiver could take: a person sends them again, or gives them up and says why."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from pms.core.audit import record_act
from pms.core.redaction import mask_cards

from . import bell
from .models import Delivery
from .unwatched import touch_tenant

State = Delivery.State


@transaction.atomic
def delivery_replay(*, delivery_id: int) -> int:
    """Put a parked delivery back into its lane, before what came after it and with all its tries.

    Return 1, or 0 if it is not parked any more: somebody else was faster.
    """
    return _replay(_parked_for_update(pk=delivery_id))


@transaction.atomic
def deliveries_replay(*, property_id: uuid.UUID, receiver: str) -> int:
    """Put everything back that one receiver of the hotel could not take, and return how many there were."""
    return _replay(_parked_for_update(property_id=property_id, receiver=receiver))


@transaction.atomic
def delivery_discard(*, delivery_id: int, reason: str) -> int:
    """Give up a parked delivery for good; `reason` stands in the audit log. Return 1, or 0 if it is not parked."""
    rows = _parked_for_update(pk=delivery_id)
    for row in rows:
        row.state, row.done_at = State.DROPPED, timezone.now()
        row.save(update_fields=["state", "done_at"])
        _note(row, "delivery.discarded", reason=["", mask_cards(reason)])
    _shown_anew(rows)
    return len(rows)


def _replay(rows: list[Delivery]) -> int:
    for row in rows:
        row.state, row.tries, row.error = State.PENDING, 0, ""
        row.due_at, row.first_tried_at, row.parked_at = timezone.now(), None, None
        row.save(update_fields=["state", "tries", "error", "due_at", "first_tried_at", "parked_at"])
        _note(row, "delivery.replayed")
    _shown_anew(rows)
    if rows:
        bell.ring_worker()
    return len(rows)


def _parked_for_update(**which: object) -> list[Delivery]:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("event")
    return list(rows.filter(state=State.PARKED, **which).order_by("pk"))


def _note(row: Delivery, act: str, **more: list[str]) -> None:
    changes = {"event": ["", row.event.code], "receiver": ["", row.receiver], **more}
    record_act(act=act, property_id=row.property_id, target=row, changes=changes)


def _shown_anew(rows: Iterable[Delivery]) -> None:
    for property_id in {row.property_id for row in rows}:
        touch_tenant(Delivery, property_id=property_id)
