"""What the services share: applying a change with its version, and saying it in the words of an event."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from pms.core.errors import InvalidValue
from pms.core.models import VersionedRow
from pms.events.base import Changes


def apply(
    row: VersionedRow,
    *,
    values: Mapping[str, Any],
    allowed: frozenset[str],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> Changes:
    """Put `values` into the locked `row` and return what differs, as event fields `(old, new)`; nothing is saved yet.

    With `seen_version` the values are merged with what others saved meanwhile (`StaleVersion` on the same field).
    Raises `InvalidValue` for a value that the field refuses.
    """
    unknown = set(values) - allowed
    if unknown:
        raise TypeError(f"{type(row).__name__} is not changed in {sorted(unknown)} here.")
    wanted = {name: key_of(value) for name, value in values.items()}
    touched: Mapping[str, Any] = wanted
    if seen_version is not None:
        seen = None if originals is None else {name: key_of(value) for name, value in originals.items()}
        touched = row.merge(seen=seen_version, values=wanted, originals=seen)
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in touched.items():
        attname = str(row._meta.get_field(name).attname)  # type: ignore[union-attr]  # only columns are allowed
        changes[attname] = (getattr(row, attname), value)
        setattr(row, attname, value)
    check(row, only=touched)
    # Read again: a field may have cleaned its value ("  204" and "204" are the same room).
    return {name: (old, getattr(row, name)) for name, (old, _) in changes.items() if old != getattr(row, name)}


def check(row: VersionedRow, *, only: Collection[str] | None = None, leave: Collection[str] = ()) -> None:
    """Raise `InvalidValue` for the first field of `row` that its own rules refuse; `leave` are filled in later."""
    names = {field.name for field in row._meta.concrete_fields}
    left = set(leave) if only is None else names - set(only)
    try:
        row.clean_fields(exclude=left)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidValue(" ".join(messages), field=field) from error


def key_of(value: Any) -> Any:
    """Return the key of a row that was given in place of its id, as forms do; any other value as it is."""
    return value.pk if hasattr(value, "_meta") else value
