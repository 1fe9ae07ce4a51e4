"""`Row`: what every table of the domain has in common."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models, transaction
from uuid_utils.compat import uuid7


class BypassesTheNews(RuntimeError):
    """A bulk write to a watched table was tried: no page would hear of it and no audit entry would tell of it."""


class RowQuerySet(models.QuerySet):
    """A queryset that refuses writes which skip the model signals of a watched model.

    `QuerySet.update`, `bulk_create` and `bulk_update` send no signals, so open pages would go stale silently.
    """

    def update(self, **values: Any) -> int:
        self._refuse("update", "load the rows for update and save each in a service")
        return super().update(**values)

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        self._refuse("bulk_create", "save each row in a service")
        return super().bulk_create(objs, *args, **options)

    def bulk_update(self, objs: Any, *args: Any, **options: Any) -> Any:
        self._refuse("bulk_update", "save each row in a service")
        return super().bulk_update(objs, *args, **options)

    def _refuse(self, method: str, instead: str) -> None:
        if getattr(self.model, "watched", False):
            raise BypassesTheNews(
                f"{self.model.__name__}.objects.{method}() skips the live news and the audit; {instead}."
            )


class Row(models.Model):
    """A table with a UUIDv7 key: sortable by time of birth, made in Python, safe to show in a URL.

    `tenant_path` says how to reach the property from here (`"property_id"`, `"room__property_id"`); a test fails
    for a model without one. Rows of the organization override `property_ids` instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RowQuerySet.as_manager()

    tenant_path: ClassVar[str] = ""
    watched: ClassVar[bool] = False

    class Meta:
        abstract = True
        # Reverse relations (`hotel.rooms.add(…)`) write through the base manager: it refuses what it must as well.
        base_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Self:
        row = super().from_db(db, field_names, values)
        row._remember()
        return row

    def refresh_from_db(
        self, using: Any = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        self._remember(names)

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and from then on compare against what was saved.

        The row, its audit entry and its news are one transaction, also for a caller that opened none.
        """
        with transaction.atomic(savepoint=False):
            super().save(*args, **options)
        self._remember(options.get("update_fields"))

    def _remember(self, names: Iterable[str] | None = None) -> None:
        """Keep the stored values (only of `names`, if given), so that a change knows what it changed."""
        fresh = {
            field.attname: _frozen(self.__dict__[field.attname])
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__ and (names is None or {field.name, field.attname} & set(names))
        }
        self._stored = fresh if names is None else {**getattr(self, "_stored", {}), **fresh}

    def stored(self, attname: str) -> Any:
        """Return the value `attname` had when the row was read or last saved (None for a new row)."""
        return getattr(self, "_stored", {}).get(attname)

    def changed_fields(self) -> set[str]:
        """Return the names of the fields that differ from what is stored."""
        stored = getattr(self, "_stored", {})
        return {
            field.name
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__  # else deferred, and never touched
            and (field.attname not in stored or stored[field.attname] != self.__dict__[field.attname])
        }

    def as_stored(self) -> Self:
        """Return a copy of this row with the values it has in the database, as far as it was read from there."""
        stored = getattr(self, "_stored", {})
        names = [field.attname for field in self._meta.concrete_fields]
        return (
            type(self).from_db(None, names, [stored[name] for name in names]) if stored.keys() >= set(names) else self
        )

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the properties that show this row: one for tenant rows, several for rows of the organization."""
        if not self.tenant_path:
            raise NotImplementedError(f"{type(self).__name__} does not say its path to the property (tenant_path).")
        target: Any = self
        for step in self.tenant_path.split("__"):
            target = getattr(target, step)
        return (target,)

    def get_additional_data(self) -> dict[str, Any]:
        """Tell the audit entry of this row which properties it belongs to (called by django-auditlog)."""
        return {"properties": [str(pk) for pk in self.property_ids()]}


def _frozen(value: Any) -> Any:
    """Return `value`, copied if somebody could change it in place."""
    return copy.deepcopy(value) if isinstance(value, dict | list) else value
