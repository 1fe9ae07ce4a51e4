"""Marks that staff or roles changed: what a page shows of them depends on who looks, so it reads itself anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pms.live.fragments import Audience, Fragment

from .models import Invitation, Membership, Role
from .permissions import Permission


@dataclass(frozen=True, slots=True)
class Mark:
    """Something with this key changed; nothing else is told."""

    pk: uuid.UUID


def marks(pks: Sequence[uuid.UUID], _audience: Audience) -> Mapping[uuid.UUID, Mark]:
    """Return a mark for each key, also for rows that are gone."""
    return {pk: Mark(pk) for pk in pks}


PIECES = "properties/staff_pieces.html"
STAFF_MARK = Fragment(name="staff_mark", template=f"{PIECES}#staff", right=Permission.STAFF_VIEW, rows=marks)
ROLE_MARK = Fragment(name="role_mark", template=f"{PIECES}#role", right=Permission.STAFF_VIEW, rows=marks)


def declare() -> None:
    """Say which rows the marks are about; called once when the app is ready."""
    STAFF_MARK.shows(Membership)
    STAFF_MARK.shows(Invitation)
    ROLE_MARK.shows(Role)
