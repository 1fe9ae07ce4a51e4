"""The shape of what people type about buildings, floors, sections, features, room types and rooms."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pms.core.forms import Lines, VersionedForm
from properties.models import Building, Floor, Property, Room, RoomType, Section
from properties.room_file import COLUMNS, MOST_BYTES, guess
from properties.selectors import room_types_of, rooms_of

from .selectors import feature_names, places_of

NOWHERE = [("", "–")]
MOST_COLUMNS = 60


class HotelRowForm(VersionedForm):
    """A form over a row of one hotel, whose choices are that hotel's rows."""

    def __init__(self, *args: Any, hotel: Property, **options: Any) -> None:
        self.hotel = hotel
        super().__init__(*args, **options)

    def options(self) -> dict[str, Any]:
        """Return the hotel."""
        return {"hotel": self.hotel}


class PlaceForm(HotelRowForm):
    """Name and order of a building or a section."""

    shown: Sequence[str] = ("name", "order")
    name = forms.CharField(label=_("Name"), max_length=60)
    order = forms.IntegerField(
        label=_("Order"), min_value=0, max_value=32000, initial=10, help_text=_("Small figures stand first.")
    )


class FloorForm(PlaceForm):
    """A floor, in a building if the hotel has several."""

    shown = ("name", "order", "building")
    name = forms.CharField(label=_("Name"), max_length=12, help_text=_("As guests say it: 1, 2, G, Attic."))

    def complete(self) -> None:
        """Offer the buildings."""
        self.fields["building"] = _row_choice(_("Building"), places_of(Building, self.hotel.pk))


class FeatureForm(PlaceForm):
    """What a room may have. Its code is made of the first name it gets, and stays."""

    def new_values(self) -> dict[str, Any]:
        """Return what a new feature is made with."""
        code = slugify(self.cleaned_data["name"]).replace("-", "_")[:30]
        return {**self.values(), "code": code}


class RoomTypeForm(HotelRowForm):
    """What the hotel sells, who fits in, and what it is described with."""

    shown = RoomType.CHANGEABLE
    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.CharField(label=_("Code"), max_length=12)
    rank = forms.IntegerField(
        label=_("Rank"), min_value=0, max_value=32000, initial=10, help_text=_("Upgrades go to higher ranks.")
    )
    max_adults = forms.IntegerField(label=_("Adults at most"), min_value=1, max_value=50, initial=2)
    max_children = forms.IntegerField(label=_("Children at most"), min_value=0, max_value=50, initial=0)
    max_occupancy = forms.IntegerField(
        label=_("Persons at most"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=_("Extra beds included, infants in cots not. Empty: as many as there are beds."),
    )
    extra_beds = forms.IntegerField(label=_("Extra beds"), min_value=0, max_value=9, initial=0)
    cots = forms.IntegerField(label=_("Cots"), min_value=0, max_value=9, initial=0)
    description = Lines(label=_("Description"), max_length=2000, required=False)
    inspect_departures = forms.BooleanField(label=_("Departures need an inspection"), required=False)

    def complete(self) -> None:
        """Offer the features."""
        self.fields["features"] = _feature_choice(self.hotel)


class PhotoForm(VersionedForm):
    """What is to be seen on a photo, and what stands below it."""

    shown = ("alt", "caption")
    alt = forms.CharField(
        label=_("What is to be seen"),
        max_length=200,
        required=False,
        help_text=_("For who cannot see it: “Double bed by a window to the sea”."),
    )
    caption = forms.CharField(label=_("Caption"), max_length=200, required=False)


class RoomForm(HotelRowForm):
    """Number, place and features of a room, and the rooms behind its connecting doors."""

    shown: Sequence[str] = ("number", "on_floor", "section", "features", "parts")
    number = forms.CharField(label=_("Number"), max_length=12)

    def __init__(self, *args: Any, room: Room | None = None, **options: Any) -> None:
        self.room = room
        super().__init__(*args, **options)

    def options(self) -> dict[str, Any]:
        """Return the hotel and the room."""
        return {**super().options(), "room": self.room}

    def complete(self) -> None:
        """Offer the floors, sections, features and the other rooms."""
        floors = places_of(Floor, self.hotel.pk)
        self.fields["on_floor"] = _row_choice(_("Floor"), floors, words=_floor_words)
        self.fields["section"] = _row_choice(_("Section"), places_of(Section, self.hotel.pk))
        self.fields["features"] = _feature_choice(self.hotel)
        if self.room is not None:
            self.fields["parts"] = forms.MultipleChoiceField(
                label=_("Made of"),
                choices=[(str(room.pk), room.number) for room in self._parts_to_be(self.room)],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Two rooms or more that are sold as this one, or each by itself; never both."),
            )

    def _parts_to_be(self, one: Room) -> list[Room]:
        """Return the rooms that `one` may be made of: free to be a part, and near it unless it has no floor."""
        return [
            room
            for room in rooms_of(self.hotel.pk)
            if room.pk != one.pk and not room.parts and room.part_of_id in (None, one.pk)
            if one.on_floor_id in (None, room.on_floor_id) or room.part_of_id
        ]


class ConnectedForm(forms.Form):
    """The doors of one room, with those that the page showed."""

    def __init__(self, *args: Any, room: Room, connected: Sequence[Room], **options: Any) -> None:
        super().__init__(*args, **options)
        others = [other for other in rooms_of(room.property_id) if other.pk != room.pk]
        near = [other for other in others if other.floor == room.floor or other in connected]
        self.fields["connects"] = forms.TypedMultipleChoiceField(
            label=_("Connecting rooms"),
            choices=[(str(other.pk), other.number) for other in near],
            coerce=uuid.UUID,
            required=False,
            initial=[str(other.pk) for other in connected],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["seen"] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=",".join(str(other.pk) for other in connected)
        )

    def difference(self) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
        """Return the doors this person added and those she took away."""
        chosen = set(self.cleaned_data["connects"])
        seen = {uuid.UUID(pk) for pk in re.findall(r"[0-9a-f-]{36}", self.cleaned_data["seen"])}
        return chosen - seen, seen - chosen


class NewRoomForm(RoomForm):
    """A room that begins to be there."""

    shown = ("number", "on_floor", "section", "features")

    def complete(self) -> None:
        """Offer the types as well."""
        super().complete()
        self.fields["room_type"] = _type_choice(self.hotel)

    def new_values(self) -> dict[str, Any]:
        """Return what the room is made with."""
        clean = self.cleaned_data
        return {
            "number": clean["number"],
            "room_type_id": clean["room_type"],
            "on_floor_id": clean["on_floor"],
            "section_id": clean["section"],
            "features": clean["features"],
        }


class TypePlanForm(forms.Form):
    """From which night on a room is of another type."""

    since = forms.DateField(label=_("From the night of"), widget=forms.DateInput({"type": "date"}))
    forced = forms.BooleanField(
        label=_("Also where the old type is sold out"),
        required=False,
        help_text=_("The stays that no longer fit stand on the work list as overbooked."),
    )

    def __init__(self, *args: Any, hotel: Property, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["room_type"] = _type_choice(hotel)


def _floor_words(floor: Any) -> str:
    return f"{floor.building.name} · {floor.name}" if floor.building else floor.name


def _row_choice(label: Any, rows: Any, *, words: Any = str) -> forms.TypedChoiceField:
    choices = [*NOWHERE, *((str(row.pk), words(row)) for row in rows)]
    return forms.TypedChoiceField(label=label, choices=choices, coerce=uuid.UUID, empty_value=None, required=False)


def _type_choice(hotel: Property) -> forms.TypedChoiceField:
    choices = [(str(kind.pk), f"{kind.code} · {kind.name}") for kind in room_types_of(hotel.pk)]
    return forms.TypedChoiceField(label=_("Room type"), choices=choices, coerce=uuid.UUID)


def _feature_choice(hotel: Property) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Features"),
        choices=list(feature_names(hotel.pk).items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ImportForm(forms.Form):
    """A list of rooms: a file or pasted cells, or what the page kept of them; what each column means."""

    file = forms.FileField(
        label=_("CSV file"), required=False, widget=forms.FileInput({"accept": ".csv,.txt,text/csv"})
    )
    pasted = forms.CharField(
        label=_("Or paste from a spreadsheet"), required=False, widget=forms.Textarea({"rows": 4}), strip=False
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    new_types = forms.BooleanField(
        label=_("Make room types that are new"), required=False, help_text=_("For two adults each; change it later.")
    )

    def content(self) -> bytes:
        """Return the newest of what was given: a file, else pasted cells, else what the page kept."""
        clean = self.cleaned_data
        if clean["file"]:
            return bytes(clean["file"].read(MOST_BYTES + 1))
        return str(clean["pasted"] or clean["kept"]).encode()

    def columns(self, heads: Sequence[str]) -> list[str]:
        """Return what each column means: as it was chosen for a column of this name, else as its name says.

        So a file that was mended and is sent again keeps the choices.
        """
        guessed, chosen = guess(heads), []
        for at, head in enumerate(heads):
            before = self._chosen_for(head)
            name = guessed[at] if before is None else before
            chosen.append("" if name not in COLUMNS or name in chosen else name)
        return chosen

    def _chosen_for(self, head: str) -> str | None:
        for at in range(MOST_COLUMNS):
            if self.data.get(f"head-{at}") == head and f"column-{at}" in self.data:
                return str(self.data[f"column-{at}"])
        return None
