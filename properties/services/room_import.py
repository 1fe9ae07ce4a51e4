"""Many rooms at once, from a file that was looked through before: all of them or none."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from pms.core.locks import Lock, lock_exclusive
from pms.events.publish import publish
from properties.events import RoomsAdding
from properties.models import Building, Floor, Room, RoomType, Section
from properties.room_file import RoomLine, feature_words
from properties.room_numbers import floor_of
from properties.selectors import business_date_of

from .places import building_add, feature_codes, floor_add, floor_made, section_add
from .room_types import room_type_add
from .rooms import room_make


@transaction.atomic
def rooms_import(*, property_id: uuid.UUID, lines: Sequence[RoomLine], new_types: bool = False) -> list[Room]:
    """Add the rooms of a file with the types (if `new_types`), floors, buildings and sections that they name.

    A room without a floor gets the one its number tells. The stock is counted once for all.
    Raises what `room_add` raises, and `InvalidValue` for a line that was told to be wrong.
    """
    if wrong := next((line for line in lines if line.problems), None):
        raise InvalidValue(
            _("Line %(line)s: %(reason)s Nothing was added.")
            % {"line": wrong.line, "reason": wrong.problems[0].reason},
            field="file",
        )
    lock_exclusive(Lock.INVENTORY, property_id)
    making = _Making(property_id, new_types=new_types)
    kinds = [making.room_type(line.cells["type"]) for line in lines]
    counts = Counter(kinds)
    if counts:
        publish(
            RoomsAdding(
                property_id=property_id,
                business_date=business_date_of(property_id),
                counts=tuple(sorted(counts.items())),
            )
        )
    return [making.room(line, kind) for line, kind in zip(lines, kinds, strict=True)]


class _Making:
    """The rows that rooms of one file refer to, each looked up or made once."""

    def __init__(self, property_id: uuid.UUID, *, new_types: bool) -> None:
        self.property_id, self.new_types = property_id, new_types
        self.types: dict[str, uuid.UUID] = {}
        for kind in RoomType.objects.filter(property_id=property_id, archived_at=None):
            self.types |= {kind.code.casefold(): kind.pk, kind.name.casefold(): kind.pk}
        self.features = feature_codes(property_id)
        self.floors: dict[tuple[str, str], uuid.UUID | None] = {}
        self.sections: dict[str, uuid.UUID] = {}

    def room_type(self, words: str) -> uuid.UUID:
        """Return the type that a line names by code or name, made where it is new and may be."""
        key = words.casefold()
        if key not in self.types:
            if not self.new_types:
                raise InvalidValue(
                    _("The hotel has no room type “%(words)s”. Nothing was added.") % {"words": words}, field="type"
                )
            made = room_type_add(property_id=self.property_id, code=self._code(words), name=words, rank=self._rank())
            self.types |= {key: made.pk, made.code.casefold(): made.pk}
        return self.types[key]

    def room(self, line: RoomLine, kind: uuid.UUID) -> Room:
        """Add one room; the stock knows it already."""
        cells = line.cells
        return room_make(
            property_id=self.property_id,
            room_type_id=kind,
            number=cells["number"],
            on_floor_id=self._floor(cells.get("building", ""), cells.get("floor") or floor_of(cells["number"])),
            section_id=self._section(cells.get("section", "")),
            features=sorted(self.features[word.casefold()] for word in feature_words(line)),
        )

    def _code(self, words: str) -> str:
        letters = "".join(sign for sign in words.upper() if sign.isascii() and sign.isalnum())
        short = letters if len(letters) <= 4 else letters[:3]
        code, count = short or "TYPE", 1
        while code.casefold() in self.types:
            count += 1
            code = f"{short or 'TYPE'}{count}"
        return code

    def _rank(self) -> int:
        return 10 * (len(set(self.types.values())) + 1)

    def _floor(self, building: str, name: str) -> uuid.UUID | None:
        if not name:
            return None
        if (building, name) not in self.floors:
            self.floors[building, name] = self._floor_row(building, name).pk
        return self.floors[building, name]

    def _floor_row(self, building: str, name: str) -> Floor:
        if not building:
            return floor_made(self.property_id, name)
        house = Building.objects.filter(property_id=self.property_id, name=building, archived_at=None).first()
        house = house or building_add(property_id=self.property_id, name=building)
        floor: Floor | None = Floor.objects.filter(building=house, name=name, archived_at=None).first()
        return floor or floor_add(property_id=self.property_id, name=name, building_id=house.pk)

    def _section(self, name: str) -> uuid.UUID | None:
        if not name:
            return None
        if name not in self.sections:
            row = Section.objects.filter(property_id=self.property_id, name=name, archived_at=None).first()
            self.sections[name] = (row or section_add(property_id=self.property_id, name=name)).pk
        return self.sections[name]
