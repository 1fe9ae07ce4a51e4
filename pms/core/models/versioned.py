"""`VersionedRow`: rows that several people edit at once without losing anybody's work.

Fields merge, acts re-judge (architecture.md 5). Each save raises `version` by one and notes it for every field it
changed; a form or an API call that names the version it saw is merged when the other side changed different fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from ..errors import StaleVersion
from .rows import Row

BOOKKEEPING = frozenset({"version", "field_versions", "updated_at", "created_at"})


class VersionedRow(Row):
    """A row with a version and, per field, the version that changed it last."""

    version = models.PositiveIntegerField(default=1, editable=False)
    field_versions = models.JSONField(default=dict, editable=False, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Save the changed fields only, one version up; nothing changed means nothing is written or announced.

        The version is taken from the row under its lock, as an integer (an `F()` would stand as text in the audit).
        A row that was loaded before somebody else's save never overwrites the fields which that save changed:
        it raises `StaleVersion`.
        """
        if self._state.adding or options.get("force_insert"):
            super().save(*args, **options)
            return
        changed = self.changed_fields() - BOOKKEEPING
        if options.get("update_fields") is not None:
            changed &= set(options["update_fields"])
        if not changed:
            return
        with transaction.atomic():
            now = type(self)._base_manager.select_for_update(no_key=True, of=("self",)).get(pk=self.pk)
            self._refuse_stale(now, changed)
            self.version = now.version + 1
            self.field_versions = {**now.field_versions, **dict.fromkeys(sorted(changed), self.version)}
            options["update_fields"] = [*sorted(changed), "version", "field_versions", "updated_at"]
            super().save(*args, **options)

    def _refuse_stale(self, now: VersionedRow, changed: set[str]) -> None:
        seen = self.stored("version")
        if seen is None or now.version == seen:
            return
        conflicts = {
            name: (self._value(name), now._value(name)) for name in changed if now.field_versions.get(name, 1) > seen
        }
        conflicts = {name: pair for name, pair in conflicts.items() if pair[0] != pair[1]}
        if conflicts:
            current = {name: now._value(name) for name in changed}
            raise StaleVersion(conflicts=conflicts, current=current, version=now.version)

    def merge(
        self, *, seen: int, values: Mapping[str, Any], originals: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return which of `values` to apply to this (locked) row for somebody who saw version `seen`.

        `values` are field name → submitted value; `originals` what the form showed when it was opened, so that a
        field the person did not touch never counts as theirs. Raises `StaleVersion` if the same field was changed by
        somebody else to another value; then nothing is to be saved.
        """
        touched = {
            name: value
            for name, value in values.items()
            if (originals is None or name not in originals or originals[name] != value) and self._value(name) != value
        }
        conflicts = {
            name: (value, self._value(name))
            for name, value in touched.items()
            if self.version > seen and self.field_versions.get(name, 1) > seen
        }
        if conflicts:
            current = {name: self._value(name) for name in values}
            raise StaleVersion(conflicts=conflicts, current=current, version=self.version)
        return touched

    def _value(self, name: str) -> Any:
        field: Any = self._meta.get_field(name)
        return getattr(self, field.attname)
