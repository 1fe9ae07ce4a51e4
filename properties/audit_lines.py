"""Turns audit entries into lines a person can read.

Upper apps say in the slot "personal_rows" which rows are about persons: an entry's provider is called without arguments
and returns their model, its right is what a reader needs to see who they are. In the slot "audit_places" they say where
a row has its page (`audit_words.PLACES`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, ForeignKey, Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from pms.accounts.registry import right_named
from pms.accounts.services import role_group_name
from pms.core import slots
from pms.core.models import AuditEntry
from pms.core.money import MoneyField
from pms.core.origins import actor_of, way_of
from pms.core.templatetags.ui import clock, day, money

from .audit_words import PERSONAL, PLACES, UNREADABLE, act_words, hidden_words, nights_of, plain_words
from .models import Feature, Role, Room
from .places.selectors import feature_names, room_numbers
from .selectors import roles_called, rows_with_keys

ICONS = {
    AuditEntry.Action.CREATE: "plus",
    AuditEntry.Action.UPDATE: "pencil",
    AuditEntry.Action.DELETE: "trash-2",
    AuditEntry.Action.ACCESS: "eye",
}
# Every line stands in the log of its hotel and names its row already.
OWN_KEYS = frozenset({"id", "property"})
EMPTY = (None, "", "None")
# Digests and bodies of messages; the entry itself keeps them whole.
LONGEST = 200
# The act of `pms.accounts.services` by which a role holds other rights than before.
ROLE_ACT = "role.rights_set"

# Lists of codes: whose they are, and how they are called at a hotel.
LISTED: Mapping[str, tuple[type[Model], Callable[[uuid.UUID], Mapping[str, Any]]]] = {
    "roles": (Role, roles_called),
    "features": (Feature, feature_names),
    "parts": (Room, room_numbers),
}

# What a row is called, by model and key.
Names = Mapping[tuple[type[Model], str], str]


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
    object_pk: str
    url: str = ""


def audit_lines(entries: Iterable[AuditEntry], rights: Collection[str], *, code: str = "") -> list[AuditLine]:
    """Return the lines of `entries` in the same order for a reader with `rights`; one query for each kind of row.

    With the `code` of the hotel a line knows the page of its row, if it has one that the reader may see.
    """
    found = list(entries)
    hidden = [entry.provider() for entry in slots.entries(PERSONAL) if entry.right not in rights]
    names = _names_of_rows(found, hidden)
    roles = _names_of_roles(found)
    lines = [_role_line(entry, roles) if entry.act == ROLE_ACT else _line(entry, names, hidden) for entry in found]
    places = dict(entry.provider() for entry in slots.entries(PLACES) if code and entry.right in rights)
    return [replace(line, url=_url(entry, places, code)) for line, entry in zip(lines, found, strict=True)]


def _url(entry: AuditEntry, places: Mapping[Any, str], code: str) -> str:
    """Return the page of the entry's row; nothing for one that is gone or has none."""
    place = places.get(entry.content_type.model_class())
    if place is None or entry.action == AuditEntry.Action.DELETE:
        return ""
    with suppress(NoReverseMatch):
        return reverse(place, args=[code, entry.object_pk])
    return ""


def _names_of_roles(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Return what the roles are called whose rights changed, by the name of their group."""
    hotels = {entry.property_id for entry in entries if entry.act == ROLE_ACT and entry.property_id}
    called = {hotel: roles_called(hotel) for hotel in hotels}
    return {role_group_name(hotel, code): name for hotel, names in called.items() for code, name in names.items()}


def _role_line(entry: AuditEntry, roles: Mapping[str, str]) -> AuditLine:
    """Return the line of changed rights: those that were taken away stand as old, those that were given as new."""
    old, new = (set(codes) for codes in (entry.changes or {}).get("rights", ((), ())))
    line = _line(entry, {}, ())
    given, taken = _rights(new - old), _rights(old - new)
    told = [Difference(_("given"), "", given)] if given else []
    told += [Difference(_("taken away"), taken, "")] if taken else []
    name = roles.get(entry.object_repr) or entry.object_repr.rpartition(":")[2]
    return replace(line, what=_("rights of the role"), name=name, differences=told)


def _rights(codes: Iterable[str]) -> str:
    labels = [str(right.label) if (right := right_named(code)) else code for code in sorted(codes)]
    return ", ".join(labels)


def _names_of_rows(entries: Sequence[AuditEntry], hidden: Collection[type[Model]]) -> Names:
    """Return what the rows are called whose keys stand in the changes; hidden ones keep their keys."""
    wanted: dict[type[Model], set[str]] = defaultdict(set)
    for entry in entries:
        for name, pair in (entry.changes or {}).items():
            field = _field(entry.content_type.model_class(), name)
            target = _target(field)
            if target is not None and target not in hidden and name not in OWN_KEYS:
                wanted[target].update(str(key) for key in _pair(pair) if key not in EMPTY)
    names = {(model, str(row.pk)): str(row) for model, keys in wanted.items() for row in rows_with_keys(model, keys)}
    for name, (model, called) in LISTED.items():
        hotels = {entry.property_id for entry in entries if entry.property_id and name in (entry.changes or {})}
        names |= {(model, code): str(words) for hotel in hotels for code, words in called(hotel).items()}
    return names


def _line(entry: AuditEntry, names: Names, hidden: Collection[type[Model]]) -> AuditLine:
    model = entry.content_type.model_class()
    shown = model not in hidden
    kind = str(model._meta.verbose_name) if model else entry.content_type.model
    return AuditLine(
        pk=entry.pk,
        moment=entry.timestamp,
        actor=actor_of(entry),
        address=entry.remote_addr or "",
        via=way_of(entry.via),
        request_id=entry.request_id,
        icon=ICONS[entry.action],
        what=act_words(entry.act) if entry.act else kind,
        name=entry.object_repr if shown else entry.object_pk,
        differences=_differences(model, entry.changes or {}, names) if shown else (),
        object_pk=entry.object_pk,
    )


def _differences(model: Any, changes: dict[str, Any], names: Names) -> list[Difference]:
    """Return what changed by name; what was empty and stayed so, and the row's own key, say nothing."""
    found = (_difference(model, name, pair, names) for name, pair in sorted(changes.items()) if name not in OWN_KEYS)
    return [difference for difference in found if difference.old != difference.new]


def _difference(model: Any, name: str, pair: Any, names: Names) -> Difference:
    field = _field(model, name)
    label = str(field.verbose_name) if field is not None else name.replace("_", " ")
    before, after = _pair(pair)
    if UNREADABLE.search(name):
        return Difference(label, "–" if before in EMPTY else "…", hidden_words())
    return Difference(label, _text(field, before, names), _text(field, after, names))


def _pair(pair: Any) -> Sequence[Any]:
    return pair if isinstance(pair, list | tuple) and len(pair) == 2 else ("", pair)


def _field(model: Any, name: str) -> Field[Any, Any] | None:
    try:
        field = model._meta.get_field(name)
    except (AttributeError, FieldDoesNotExist):
        return None
    return field if isinstance(field, Field) else None


def _target(field: Field[Any, Any] | None) -> type[Model] | None:
    model = field.related_model if isinstance(field, ForeignKey) else None
    return model if isinstance(model, type) else None


def _text(field: Field[Any, Any] | None, value: Any, names: Names) -> str:
    """Return a value as people write it; what cannot be read so stands as it was kept."""
    if value in EMPTY:
        return "–"
    text = str(value)
    if (target := _target(field)) is not None:
        return names.get((target, text), text)
    listed = LISTED.get(field.name) if field is not None else None
    plain = plain_words(text, lambda one: names.get((listed[0], one), one) if listed else one)
    if plain is not None:
        return plain
    if nights := nights_of(text):
        return " – ".join(day(dt.date.fromisoformat(one)) for one in nights)
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, text))
    with suppress(ValueError, ArithmeticError):
        if isinstance(field, MoneyField):
            return money(Decimal(text))
        if isinstance(field, DateTimeField):
            moment = dt.datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)  # the log keeps UTC without saying so
            return f"{day(moment)} {clock(moment)}"
        if isinstance(field, DateField):
            return day(dt.date.fromisoformat(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
