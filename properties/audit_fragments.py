"""The state of the chain as a piece that stays fresh: drawn anew whenever entries are sealed or a check is done."""

from __future__ import annotations

import uuid

from pms.core.chain.sealing import on_sealed
from pms.core.models import AuditSeal
from pms.events.unwatched import showing, touch
from pms.live.fragments import Fragment

from .auditing.selectors import chain_states, hotel_of_chain
from .permissions import Permission

AUDIT_CHAIN = Fragment(
    name="audit_chain", template="properties/audit_chain.html#chain", right=Permission.AUDIT_VIEW, rows=chain_states
)


def declare() -> None:
    """Say what the piece shows; called once when the app is ready."""
    showing(AuditSeal, lambda hotel: [AUDIT_CHAIN.topic(hotel.pk)])
    on_sealed(_tell)


def _tell(chain: uuid.UUID) -> None:
    hotel = hotel_of_chain(chain)
    if hotel is not None:
        touch(AuditSeal, of=hotel)
