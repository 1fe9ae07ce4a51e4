"""What happens to accounts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pms.events.base import Veto


@dataclass(frozen=True, kw_only=True)
class UserClosing(Veto):
    """Somebody who may do everything at the hotel is about to be shut out everywhere."""

    user_id: uuid.UUID
