"""Completes audit entries with who, where and in which request; records acts that touch many rows at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from auditlog.diff import model_instance_diff
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models

from .acting import acting
from .models import AuditEntry, Row
from .redaction import mask_cards, redact

# Called after each write of entries, inside its transaction: whoever seals them is rung after the commit.
_written: list[Callable[[], object]] = []
# Bookkeeping says nothing a person wants to read in the history of a row.
NEVER_SHOWN = ["version", "field_versions", "updated_at", "created_at"]


def audited(model: type[models.Model], *, hide: tuple[str, ...] = (), mask: tuple[str, ...] = ()) -> None:
    """Write an audit entry for every change of a row of `model`; `hide` leaves fields out, `mask` stars them."""
    if auditlog.contains(model):
        return
    fields = model._meta.get_fields()
    names = {field.name for field in fields}
    # Rows that point here are no part of this row; auditlog would print "reservations.PackagePart.None" for them.
    pointing_here = [field.name for field in fields if field.auto_created and not field.concrete]
    auditlog.register(
        model,
        exclude_fields=[*(name for name in (*NEVER_SHOWN, *hide) if name in names), *pointing_here],
        mask_fields=list(mask),
        mask_callable="pms.core.audit.stars",  # the library's own shows the second half of a secret
    )


def on_entry_written(ring: Callable[[], object]) -> None:
    """Call `ring` whenever entries were written, inside the transaction that wrote them."""
    if ring not in _written:
        _written.append(ring)


def entry_written(**_signal: Any) -> None:
    """Tell that an entry was written (`post_save` of the entry)."""
    for ring in _written:
        ring()


def stars(_value: str) -> str:
    """Return what stands for a masked value: nothing of it, not even its length."""
    return "*****"


def complete_entry(sender: type[AuditEntry], instance: AuditEntry, **_signal: Any) -> None:
    """Fill in the circumstances just before an entry is written (`pre_save` of the entry)."""
    current = acting()
    if instance.actor_id is None:
        instance.actor_id = current.user_id
    instance.request_id = instance.request_id or current.request_id
    instance.via = instance.via or current.way
    by = getattr(current.user(), "acted_by", None)
    if by is not None:  # both names: in whose name, and who it was
        instance.additional_data = {**(instance.additional_data or {}), "support": {"id": str(by.pk), "name": str(by)}}
    instance.remote_addr = instance.remote_addr or current.address
    instance.changes = redact(instance.changes)
    instance.object_repr = mask_cards(instance.object_repr)
    properties = (instance.additional_data or {}).get("properties", [])
    if instance.property_id is None and len(properties) == 1:
        instance.property_id = uuid.UUID(properties[0])


def record_changes(rows: Iterable[Row]) -> None:
    """Write the entry that each of these rows would get if it were saved alone: before they are saved, in one go."""
    entries = [
        AuditEntry(
            content_type=ContentType.objects.get_for_model(row),
            object_pk=str(row.pk),
            object_repr=str(row),
            action=AuditEntry.Action.UPDATE,
            changes=changes,
            additional_data=row.get_additional_data(),
        )
        for row in rows
        if (changes := model_instance_diff(row.as_stored(), row))
    ]
    _write(entries)


def record_act(
    *, act: str, property_id: uuid.UUID, target: models.Model, changes: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Write the one entry for an act over many unaudited rows (prices of a season, nights of a stay).

    `act` is dotted and in the past tense (`rates.set`), `changes` maps a readable name to `[old, new]`.
    """
    entry = _act(act, property_id, target, changes or {})
    entry.save()
    return entry


def record_read(
    *, act: str, property_id: uuid.UUID, target: models.Model, changes: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Write that somebody was given a document to read (`invoice.downloaded`): an invoice, an export, an ID.

    Called by the service that hands it out, in its transaction: no document without its entry.
    """
    entry = _act(act, property_id, target, changes or {})
    entry.action = AuditEntry.Action.ACCESS
    entry.save()
    return entry


def record_of_person(
    *,
    act: str,
    person: models.Model,
    acted: Any,
    property_ids: Iterable[uuid.UUID],
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write what a person did, or somebody tried in her name (`acted` None), that is the business of these hotels."""
    entry = _act(act, None, person, changes or {})
    entry.action = AuditEntry.Action.ACCESS
    entry.actor = acted
    if person._state.adding:
        entry.object_pk = ""  # nobody we know
    entry.additional_data = {"properties": [str(pk) for pk in property_ids]}
    entry.save()
    return entry


def record_acts(*, act: str, property_id: uuid.UUID, changes: Iterable[tuple[models.Model, Mapping[str, Any]]]) -> None:
    """Write the entry of the same act for each of several targets, given with its changes, in one go."""
    _write([_act(act, property_id, target, made) for target, made in changes])


def _act(act: str, property_id: uuid.UUID | None, target: models.Model, changes: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        content_type=ContentType.objects.get_for_model(target),
        object_pk=str(target.pk),
        object_repr=str(target),
        action=AuditEntry.Action.UPDATE,
        act=act,
        property_id=property_id,
        changes=dict(changes),
    )


def _write(entries: Sequence[AuditEntry]) -> None:
    """Write entries in one go: nothing signals a bulk write, so they are completed here."""
    for entry in entries:
        complete_entry(AuditEntry, entry)
    if AuditEntry.objects.bulk_create(entries):
        entry_written()
