"""What can happen: frozen dataclasses, past tense, with a stable code."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

Changes = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened at a property.

    A subclass names itself `class ReservationCheckedIn(Event, code="reservation.checked_in")`; what it happened to is
    the field `<object_type>_id` (the part of the code before the point, unless `object_type` is given).
    `changes` holds allow-listed, non-personal fields as `(old, new)` and is all the public feed tells beside ids.
    """

    property_id: uuid.UUID
    business_date: dt.date | None = None
    version: int | None = None
    changes: Changes = field(default_factory=dict)

    code: ClassVar[str] = ""
    object_type: ClassVar[str] = ""
    catalogue: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls, *, code: str = "", object_type: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if not code:
            return
        if code in Event.catalogue:
            raise TypeError(f"Event code {code!r} is already used by {Event.catalogue[code].__name__}.")
        cls.code = code
        cls.object_type = object_type or code.partition(".")[0]
        Event.catalogue[code] = cls

    @property
    def object_id(self) -> uuid.UUID | None:
        """Return the id of what it happened to."""
        value: uuid.UUID | None = getattr(self, f"{self.object_type}_id", None)
        return value

    def payload(self) -> dict[str, Any]:
        """Return the event's own fields as JSON, ids and figures only: texts are read when they are needed."""
        kept = {"property_id", "business_date", "version"}
        return {
            item.name: as_json(getattr(self, item.name)) for item in dataclasses.fields(self) if item.name not in kept
        }


@dataclass(frozen=True, kw_only=True)
class Veto(Event):
    """Something about to happen (`ReservationCheckingOut`): `@within` receivers may refuse it by an error.

    It leaves no trace in the stream; if nobody refuses, the past-tense event follows.
    """


def as_json(value: Any) -> Any:
    """Return `value` in the JSON form that payloads use: ids and decimals as text, dates and times in ISO form."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    return value
