"""Reactions to what happens to the staff: the mail of an invitation, a veto for the last owner."""

from __future__ import annotations

import uuid

from pms.accounts.events import UserClosing
from pms.events.models import StreamEvent
from pms.events.receivers import after, within

from .events import StaffInvited
from .services.invitations import invitation_mail
from .services.staff import owner_keep


@after(StaffInvited)
def mail_invitation(event: StreamEvent) -> None:
    """Mail the link; an older link than the one that counts now is not mailed any more."""
    invitation_mail(invitation_id=uuid.UUID(event.payload["invitation_id"]), serial=int(event.payload["serial"]))


@within(UserClosing)
def keep_an_owner(event: UserClosing) -> None:
    """A hotel without an owner who can come in could never be given rights again."""
    owner_keep(property_id=event.property_id, user_id=event.user_id)
