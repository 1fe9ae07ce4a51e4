"""Reactions to what happens to the staff: the mail with the link of an invitation."""

from __future__ import annotations

import uuid

from pms.events.models import StreamEvent
from pms.events.receivers import after

from .events import StaffInvited
from .services.invitations import invitation_mail


@after(StaffInvited)
def mail_invitation(event: StreamEvent) -> None:
    """Mail the link; an older link than the one that counts now is not mailed any more."""
    invitation_mail(invitation_id=uuid.UUID(event.payload["invitation_id"]), serial=int(event.payload["serial"]))
