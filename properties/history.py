"""The history of one row for the page that shows it: who, what, old → new, from where, read from the audit log.

Apps register what has a history in the slot "histories": the code of the entry is the kind that its address names, its
right is what the row's own page asks for, its provider returns a `History`. The page includes
`components/history.html`; the entries are read when somebody opens it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.errors import NotThere
from pms.core.models import Row

from .audit_lines import AuditLine, audit_lines
from .audit_words import PERSONAL
from .auditing.selectors import entries_of_rows, row_of
from .models import Invitation, Membership, Property, Room, RoomType
from .permissions import Permission

HISTORIES = "histories"
MOST = 50


@dataclass(frozen=True, slots=True)
class History:
    """Rows of this model have one; `more` adds the keys of rows whose changes are part of it."""

    model: type[Row]
    more: Callable[[Row], Iterable[object]] = lambda _row: ()

    def __call__(self) -> History:
        """Provide itself to the slot."""
        return self


def declare() -> None:
    """Say which of the hotel's own rows have a history; called once when the app is ready."""
    own: dict[str, tuple[type[Row], str]] = {
        "hotel": (Property, Permission.HOTEL_CHANGE),
        "room": (Room, Permission.ROOM_VIEW),
        "room_type": (RoomType, Permission.ROOM_VIEW),
        "staff": (Membership, Permission.STAFF_VIEW),
    }
    for kind, (model, right) in own.items():
        slots.register(HISTORIES, slots.Entry(kind, History(model), right=right))
    # Whose address it was sent to is for readers of the staff.
    slots.register(PERSONAL, slots.Entry("invitation", _invitations, right=Permission.STAFF_VIEW))


def _invitations() -> type[Invitation]:
    return Invitation


def history_kind(kind: str) -> slots.Entry:
    """Return what is registered under this kind. Raises `NotThere`."""
    for entry in slots.entries(HISTORIES):
        if entry.code == kind:
            return entry
    raise NotThere(_("That history"))


def history_lines(hotel: Property, kind: str, pk: uuid.UUID, *, rights: Collection[str]) -> list[AuditLine]:
    """Return what happened to a row of the hotel, newest first. Raises `NotThere` for a row of another hotel.

    Addresses, and who read what, are for readers of the audit log.
    """
    history: History = history_kind(kind).provider()
    row = row_of(history.model, pk)
    if row is None or hotel.pk not in row.property_ids():
        raise NotThere(_("That history"))
    auditor = Permission.AUDIT_VIEW in rights
    keys = [str(pk), *map(str, history.more(row))]
    lines = audit_lines(entries_of_rows(hotel, keys, readings=auditor, limit=MOST), rights)
    return lines if auditor else [replace(line, address="", request_id="") for line in lines]
