"""What can happen to the access of programs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pms.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ApiGrantMisused(Event, code="api_grant.misused"):
    """An app sent a refresh token that was spent; what a person allowed it ended."""

    api_grant_id: uuid.UUID
