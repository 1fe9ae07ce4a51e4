"""Acts on the audit log itself: having the chain checked, taking a copy away."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from pms.core.audit import record_read
from pms.core.chain.check import check_asked
from pms.core.models import AuditCheck, AuditSeal
from pms.events import bell
from pms.events.unwatched import touch
from properties.models import Property


@transaction.atomic
def audit_check_ask(*, hotel: Property, user: Any) -> AuditCheck:
    """Have a worker look through the hotel's chain from its beginning; the log's pages show what it finds.

    One that waits already is enough.
    """
    waiting = AuditCheck.objects.filter(property_id=hotel.pk, finished_at=None).first()
    if waiting is not None:
        return waiting
    check = check_asked(chain=hotel.pk, asked_by_id=user.pk)
    touch(AuditSeal, of=hotel)
    bell.ring_sealer()
    return check


@transaction.atomic
def audit_exported(*, hotel: Property, asked: str, lines: int) -> None:
    """Leave an entry of who took so many lines of the log away, and which."""
    changes = {"filters": ["", asked], "lines": ["", str(lines)]}
    record_read(act="audit.exported", property_id=hotel.pk, target=hotel, changes=changes)
