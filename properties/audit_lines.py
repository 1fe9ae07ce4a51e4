"""Turns audit entries into lines a person can read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from pms.core.models import AuditEntry
from pms.core.origins import proper_name

ICONS = {
    AuditEntry.Action.CREATE: "plus",
    AuditEntry.Action.UPDATE: "pencil",
    AuditEntry.Action.DELETE: "trash-2",
    AuditEntry.Action.ACCESS: "eye",
}
# Every line stands in the log of its hotel and names its row already.
OWN_KEYS = frozenset({"id", "property"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it was and what it became."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the log as the page shows it."""

    pk: int
    moment: dt.datetime
    actor: str
    address: str
    via: str
    request_id: str
    icon: str
    what: str
    name: str
    differences: Sequence[Difference]


def audit_lines(entries: Iterable[AuditEntry]) -> list[AuditLine]:
    """Return the lines of `entries` in the same order."""
    return [_line(entry) for entry in entries]


def _line(entry: AuditEntry) -> AuditLine:
    model = entry.content_type.model_class()
    kind = str(model._meta.verbose_name) if model else entry.content_type.model
    return AuditLine(
        pk=entry.pk,
        moment=entry.timestamp,
        actor=str(entry.actor) if entry.actor else proper_name(entry.via) or _("the system"),
        address=entry.remote_addr or "",
        via=_("channel") if proper_name(entry.via) else entry.via,
        request_id=entry.request_id,
        icon=ICONS[entry.action],
        what=entry.act or kind,
        name=entry.object_repr,
        differences=_differences(model, entry.changes or {}),
    )


def _differences(model: Any, changes: dict[str, Any]) -> list[Difference]:
    """Return what changed by name; what was empty and stayed so, and the row's own key, say nothing."""
    found = (_difference(model, name, pair) for name, pair in sorted(changes.items()) if name not in OWN_KEYS)
    return [difference for difference in found if difference.old != difference.new]


def _difference(model: Any, name: str, pair: Any) -> Difference:
    old, new = pair if isinstance(pair, list | tuple) and len(pair) == 2 else ("", pair)
    return Difference(_label(model, name), _text(old), _text(new))


def _label(model: Any, name: str) -> str:
    try:
        return str(model._meta.get_field(name).verbose_name)
    except (AttributeError, FieldDoesNotExist):
        return name.replace("_", " ")


def _text(value: Any) -> str:
    return "–" if value in (None, "", "None") else str(value)
