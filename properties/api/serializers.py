"""What hotels, room types and rooms look like outside, and what may be written."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pms.api.fields import IdField, Input, Patch, Query, TimeField
from pms.api.shapes import ActionOutput, action
from properties.models import Room


class AgeBand(serializers.Serializer):
    """An age group under the adults."""

    name = serializers.CharField()
    # `from` is a word of Python: named below.
    to = serializers.IntegerField(help_text="The oldest age in it.")
    cot = serializers.BooleanField(help_text="Sleeps in a cot and does not count, as long as the room has one.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields with `from`, the youngest age in it."""
        fields = super().get_fields()
        fields["from"] = serializers.IntegerField(help_text="The youngest age in it.")
        return fields


class PropertyOutput(serializers.Serializer):
    """A hotel."""

    id = IdField()
    code = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True, help_text="As it stands on invoices, one line each.")
    street = serializers.CharField(allow_blank=True)
    postal_code = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166, two letters.")
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)
    tax_number = serializers.CharField(allow_blank=True)
    age_bands = AgeBand(many=True, help_text="The youngest first; older guests are adults. Empty: no groups.")
    time_zone = serializers.CharField(help_text="A name of the IANA database.")
    currency = serializers.CharField(help_text="ISO 4217; all money of the hotel is in it.")
    locale = serializers.CharField()
    business_date = serializers.DateField(help_text="The hotel's day; it moves at the night audit, not at midnight.")
    check_in_time = TimeField()
    check_out_time = TimeField()
    version = serializers.IntegerField()


class PropertyPatch(Patch):
    """The settings of a hotel that may be changed; code, currency and time zone stay for ever."""

    name = serializers.CharField(required=False, max_length=150)
    address = serializers.CharField(required=False, allow_blank=True, max_length=500)
    street = serializers.CharField(required=False, allow_blank=True, max_length=200)
    postal_code = serializers.CharField(required=False, allow_blank=True, max_length=16)
    city = serializers.CharField(required=False, allow_blank=True, max_length=100)
    country = serializers.CharField(required=False, allow_blank=True, max_length=2)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=40)
    email = serializers.EmailField(required=False, allow_blank=True)
    website = serializers.URLField(required=False, allow_blank=True, max_length=200)
    tax_number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    locale = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    check_in_time = TimeField(required=False)
    check_out_time = TimeField(required=False)


class FeatureCodes(serializers.ListField):
    """Codes of features that the hotel has."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=30), max_length=100, **options)


class CodeQuery(Query):
    """Which rows of a catalogue."""

    code = serializers.CharField(required=False, max_length=30, help_text="The short code.")


class PhotoFileOutput(serializers.Serializer):
    """One size of a photo, as WebP."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField(help_text="Fetched with the same token; its content never changes.")


class PhotoOutput(serializers.Serializer):
    """A photo of a room type."""

    id = IdField()
    alt = serializers.CharField(allow_blank=True, help_text="What is to be seen, for who cannot see it.")
    caption = serializers.CharField(allow_blank=True)
    files = PhotoFileOutput(many=True, help_text="The same photo in several sizes, the smallest first.")


class RoomTypeOutput(serializers.Serializer):
    """What the hotel sells."""

    id = IdField()
    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField(help_text="From the simplest to the finest.")
    max_adults = serializers.IntegerField()
    max_children = serializers.IntegerField()
    max_occupancy = serializers.IntegerField(
        allow_null=True, help_text="Persons at most, infants in cots not counted; null: as many as there are beds."
    )
    extra_beds = serializers.IntegerField()
    cots = serializers.IntegerField()
    features = serializers.ListField(child=serializers.CharField(), help_text="Codes: `sea_view`.")
    description = serializers.CharField(allow_blank=True)
    photos = PhotoOutput(many=True, source="photos_shown", help_text="In their order; the first is the cover.")
    rooms_count = serializers.IntegerField(help_text="Rooms of this type in use.")
    version = serializers.IntegerField()


class RoomTypePatch(Patch):
    """What a room type is; `inspect_departures` is a rule of the house and is set there."""

    code = serializers.CharField(required=False, max_length=12)
    name = serializers.CharField(required=False, max_length=100)
    rank = serializers.IntegerField(required=False, min_value=0, max_value=32000)
    max_adults = serializers.IntegerField(required=False, min_value=1, max_value=50)
    max_children = serializers.IntegerField(required=False, min_value=0, max_value=50)
    max_occupancy = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    extra_beds = serializers.IntegerField(required=False, min_value=0, max_value=9)
    cots = serializers.IntegerField(required=False, min_value=0, max_value=9)
    features = FeatureCodes(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class RoomOutput(serializers.Serializer):
    """An actual room."""

    id = IdField()
    number = serializers.CharField(help_text="Text: `204`, `2A`.")
    room_type = IdField(source="room_type_id")
    floor = serializers.CharField(allow_blank=True, help_text="Its name, as guests say it.")
    section = IdField(source="section_id", allow_null=True, help_text="The section of housekeeping.")
    features = serializers.ListField(child=serializers.CharField(), help_text="What this room has beside its type.")
    parts = serializers.ListField(
        child=IdField(), help_text="Rooms that are sold as this one or each by itself; empty: a room of its own."
    )
    part_of = IdField(source="part_of_id", allow_null=True, help_text="The room that this one is a part of.")
    condition = serializers.ChoiceField(choices=Room.Condition.choices)
    occupancy = serializers.ChoiceField(choices=Room.Occupancy.choices)
    service_state = serializers.ChoiceField(choices=["in_service", "out_of_order", "out_of_service"])
    version = serializers.IntegerField()
    actions = serializers.SerializerMethodField(help_text="What can be done with it.")

    @extend_schema_field(ActionOutput(many=True))
    def get_actions(self, _room: Room) -> list[dict[str, Any]]:
        """Return the acts; a room that is shown is in use, so nothing stands against marking it."""
        return [action("condition")]


class RoomPatch(Patch):
    """What a room is; its condition and occupancy have acts of their own."""

    number = serializers.CharField(required=False, max_length=12)
    room_type = IdField(required=False, help_text="Holds from the hotel's day on.")
    floor = serializers.CharField(
        required=False, allow_blank=True, max_length=12, help_text="Its name; a floor that is new is made."
    )
    section = IdField(required=False, allow_null=True)
    features = FeatureCodes(required=False)
    parts = serializers.ListField(
        child=IdField(), required=False, max_length=20, help_text="Ids of two rooms or more; empty takes it apart."
    )


class RoomQuery(Query):
    """Which rooms."""

    condition = serializers.ChoiceField(required=False, choices=Room.Condition.choices)
    occupancy = serializers.ChoiceField(required=False, choices=Room.Occupancy.choices)
    room_type = IdField(required=False, help_text="The id of a room type.")


class RoomConditionLine(Input):
    """The condition of one room, by its number."""

    room = serializers.CharField(max_length=12)
    condition = serializers.ChoiceField(choices=Room.Condition.choices)


class RoomConditionsJobInput(Input):
    """The condition of many rooms."""

    lines = RoomConditionLine(many=True, allow_empty=False, max_length=5000)  # type: ignore[call-arg]


class ConditionInput(Input):
    """The condition somebody found or left a room in."""

    condition = serializers.ChoiceField(choices=Room.Condition.choices)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="The version you saw; another mark meanwhile is then not overwritten."
    )
