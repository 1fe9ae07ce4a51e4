"""Reactions to what happens to the access of programs: the person concerned is told by mail."""

from __future__ import annotations

import uuid

from pms.events.models import StreamEvent
from pms.events.receivers import after

from .events import ApiGrantMisused
from .services import grant_misuse_mail


@after(ApiGrantMisused)
def tell_person(event: StreamEvent) -> None:
    """Mail her whose name the app acted in."""
    grant_misuse_mail(grant_id=uuid.UUID(event.payload["api_grant_id"]))
