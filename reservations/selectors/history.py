"""The history of a stay, read from the audit log: who, when, what from which value to which, from where.

The address somebody sat at is shown to those who may read the audit log, a guest's name to those who may see guests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from pms.core.models import AuditEntry
from pms.core.origins import actor_of, way_of
from pms.core.templatetags.ui import money, short_day, status_look
from properties.audit_words import plain_words
from properties.models import Room
from properties.permissions import Permission as HotelPermission
from reservations.models import Reservation, RoomAssignment

from .people import guests_named

MOST = 30
# Fields whose change says something to the desk, in the order in which a line names them.
SHOWN = ("status", "arrival", "departure", "adults", "children", "total", "notes", "guest", "cancel_reason", "flags")
LOOKS = {
    "in_house": ("green", "log-in"),
    "checked_out": ("grey", "log-out"),
    "cancelled": ("red", "ban"),
    "no_show": ("red", "user-x"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was and what it became."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened; `what` completes "Anna …"."""

    pk: int
    moment: dt.datetime
    actor: str
    what: str
    icon: str
    tone: str
    via: str
    address: str
    changes: Sequence[Change]


def history_of(reservation: Reservation, rights: Collection[str], *, limit: int = MOST) -> list[HistoryLine]:
    """Return what happened to the stay and its rooms, newest first, in three queries, for a reader with `rights`."""
    assignments = {
        one.pk: one for one in RoomAssignment.objects.filter(reservation_id=reservation.pk).select_related("room")
    }
    keys = [str(reservation.pk), str(reservation.booking_id), *(str(pk) for pk in assignments)]
    entries = AuditEntry.objects.filter(property_id=reservation.property_id, object_pk__in=keys)
    found = entries.select_related("actor", "content_type").order_by("-id")[:limit]
    rooms = {str(one.pk): one.room for one in assignments.values()}
    fields = [name for name in SHOWN if name != "guest" or guests_named(rights)]
    currency = reservation.property.currency
    lines = [line for entry in found if (line := _line(entry, rooms, fields, currency)) is not None]
    return lines if HotelPermission.AUDIT_VIEW in rights else [replace(line, address="") for line in lines]


def _line(entry: AuditEntry, rooms: Mapping[str, Room], fields: Sequence[str], currency: str) -> HistoryLine | None:
    model = entry.content_type.model
    changes = entry.changes if isinstance(entry.changes, dict) else {}
    if model == "roomassignment":
        return _room_line(entry, rooms[entry.object_pk].number, changes)
    if model == "booking" and entry.action == AuditEntry.Action.CREATE:
        return None  # said by the reservation
    if entry.action == AuditEntry.Action.CREATE:
        return _said(entry, _("booked the stay"), "plus", "blue", ())
    shown = [_change(name, changes[name], currency) for name in fields if name in changes]
    if not shown:
        return None
    status = changes["status"][1] if "status" in changes else ""
    tone, icon = LOOKS.get(status, ("violet", "pencil"))
    return _said(entry, _act(status, shown), icon, tone, shown)


def _room_line(entry: AuditEntry, number: str, changes: Mapping[str, Sequence[str]]) -> HistoryLine | None:
    if entry.action == AuditEntry.Action.CREATE:
        return _said(entry, _("gave the stay room %s") % number, "bed-double", "blue", ())
    if changes.get("active", ["", ""])[1] == "False":
        return _said(entry, _("took room %s back") % number, "undo-2", "grey", ())
    if "nights" in changes:
        return _said(entry, _("changed the nights in room %s") % number, "calendar-range", "grey", ())
    return None


def _act(status: str, changes: Sequence[Change]) -> str:
    words = {
        "in_house": _("checked the guest in"),
        "checked_out": _("checked the guest out"),
        "cancelled": _("cancelled the stay"),
        "no_show": _("noted a no-show"),
        "confirmed": _("confirmed the stay"),
    }
    return words.get(status) or _("changed %s") % ", ".join(change.name for change in changes)


def _said(entry: AuditEntry, what: str, icon: str, tone: str, changes: Sequence[Change]) -> HistoryLine:
    actor = actor_of(entry)
    way, address = way_of(entry.via), entry.remote_addr or ""
    return HistoryLine(entry.pk, entry.timestamp, actor, what, icon, tone, way, address, changes)


def _change(name: str, pair: Sequence[str], currency: str) -> Change:
    label = str(Reservation._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # only own columns
    old, new = pair if len(pair) == 2 else ("", "")
    return Change(label, _words(name, old, currency), _words(name, new, currency))


def _words(name: str, value: str | None, currency: str) -> str:
    if value in (None, "", "None", "[]"):
        return "–"
    if name == "status":
        return status_look(str(value)).words
    if name in {"arrival", "departure"}:
        return short_day(parse_date(str(value)))
    if name == "total":
        return money(Decimal(str(value)), currency)
    return plain_words(str(value)) or str(value)
