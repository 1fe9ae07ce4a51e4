"""What people can be at: the rows whose pages and dialogs tell each other who is there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection

from pms.core.models import Row

from .fragments import Audience

LOOKING, EDITING = "looking", "editing"
MODES = frozenset({LOOKING, EDITING})


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of row that people look at, and the right to see it: who has it hears who else is there."""

    name: str
    right: str
    model: type[Row]


_places: dict[str, Place] = {}


def place(name: str, right: str, model: type[Row]) -> None:
    """Let pages say that somebody is at a row of `model`: `{% here "reservation" reservation.pk %}`."""
    made = Place(name, right, model)
    if _places.setdefault(name, made) != made:
        raise ValueError(f"There is already another place {name!r}.")


def place_named(name: str) -> Place | None:
    """Return the place `name`, if there is one."""
    return _places.get(name)


def may_be_at(place_key: str, audience: Audience) -> bool:
    """Tell whether this audience may see the row that `place_key` ("reservation:<pk>") names; no database needed."""
    found = _places.get(place_key.partition(":")[0])
    return found is not None and found.right in audience.rights


def exists(place_key: str, audience: Audience) -> bool:
    """Tell whether there is such a row at the audience's property, and they may see it (one query)."""
    if not may_be_at(place_key, audience):
        return False
    name, _, key = place_key.partition(":")
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return False
    model = _places[name].model
    try:
        return model._default_manager.filter(pk=pk, **{model.tenant_path: audience.property_id}).exists()
    finally:
        connection.close()
