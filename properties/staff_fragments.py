"""Marks that staff or roles changed: what a page shows of them depends on who looks, so it reads itself anew."""

from __future__ import annotations

from pms.live.fragments import Fragment, marks

from .models import Invitation, Membership, Role
from .permissions import Permission

PIECES = "properties/staff_pieces.html"
STAFF_MARK = Fragment(name="staff_mark", template=f"{PIECES}#staff", right=Permission.STAFF_VIEW, rows=marks)
ROLE_MARK = Fragment(name="role_mark", template=f"{PIECES}#role", right=Permission.STAFF_VIEW, rows=marks)


def declare() -> None:
    """Say which rows the marks are about; called once when the app is ready."""
    STAFF_MARK.shows(Membership)
    STAFF_MARK.shows(Invitation)
    ROLE_MARK.shows(Role)
