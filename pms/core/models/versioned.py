"""`VersionedRow`: rows that several people edit at once without losing anybody's work.

Fields merge, acts re-judge (architecture.md 5). Each save raises `version` by one and notes it for every field it
changed; a form or an API call that names the version it saw is merged when the other side changed different fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, Self

from django.db import connection, models, transaction

from pms.core.errors import NotThere, StaleVersion, VersionRequired

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
        A row that was loaded before somebody else's save takes over the fields which that save changed; if it changed
        one of them itself, nothing is saved and it raises `StaleVersion`.
        """
        if self._state.adding or options.get("force_insert"):
            super().save(*args, **options)
            return
        changed = self.changed_fields() - BOOKKEEPING
        asked = options.get("update_fields")
        saved = changed if asked is None else changed & {self._meta.get_field(name).name for name in asked}
        if not saved:
            return
        # No savepoint where a transaction is open: a refusal comes before the first write and leaves it usable.
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            options["update_fields"] = self.next_version(self._locked(), changed, saved)
            super().save(*args, **options)

    def next_version(self, now: Self, changed: set[str], saved: set[str]) -> list[str]:
        """Make ready to save `saved` of the `changed` fields over `now`, the locked row; return the columns to write.

        Raises `StaleVersion`.
        """
        self._refuse_stale(now, changed)
        self._take_over(now, keep=changed)
        self.version = now.version + 1
        self.field_versions = {**now.field_versions, **dict.fromkeys(sorted(saved), self.version)}
        return [*sorted(saved), "version", "field_versions", "updated_at"]

    def _locked(self) -> Self:
        rows = type(self)._base_manager.select_for_update(no_key=True, of=("self",))
        row: Self | None = rows.filter(pk=self.pk).first()
        if row is None:
            raise NotThere(str(self._meta.verbose_name).capitalize())
        return row

    def _refuse_stale(self, now: Self, changed: set[str]) -> None:
        seen = self.stored("version")
        if seen is None:  # loaded without its version: nobody can tell what it would overwrite
            raise VersionRequired
        conflicts = {
            name: (self._value(name), now._value(name))
            for name in sorted(changed)
            if now.field_versions.get(name, 1) > seen and self._value(name) != now._value(name)
        }
        if conflicts:
            current = {name: now._value(name) for name in sorted(changed)}
            raise StaleVersion(conflicts=conflicts, current=current, version=now.version)

    def _take_over(self, now: Self, *, keep: set[str]) -> None:
        """Adopt what others saved since this row was read, or a second save would write their old values back."""
        for field in self._meta.concrete_fields:
            if field.name not in keep:
                setattr(self, field.attname, getattr(now, field.attname))
        self._stored = now._stored

    def merge(
        self, *, seen: int, values: Mapping[str, Any], originals: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return which of `values` to apply to this (locked) row for somebody who saw version `seen`.

        `values` are field name → submitted value; `originals` what the form showed when it was opened, so that a
        field the person did not touch never counts as theirs. Raises `StaleVersion` if the same field was changed by
        somebody else to another value; then nothing is to be saved. So it does for a version that the row never had
        (the records were put back since), but for fields that still hold what was shown.
        """
        shown = originals or {}
        touched = {
            name: value
            for name, value in values.items()
            if (name not in shown or not _same(shown[name], value)) and not _same(self._value(name), value)
        }
        conflicts = {
            name: (value, self._value(name))
            for name, value in touched.items()
            if (self.version > seen and self.field_versions.get(name, 1) > seen)
            or (self.version < seen and (name not in shown or not _same(shown[name], self._value(name))))
        }
        if conflicts:
            current = {name: self._value(name) for name in values}
            raise StaleVersion(conflicts=conflicts, current=current, version=self.version)
        return touched

    def _value(self, name: str) -> Any:
        field: Any = self._meta.get_field(name)
        return getattr(self, field.attname)


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, where a form may give a related row and another side its key."""
    return bool(_key(one) == _key(other))


def _key(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
