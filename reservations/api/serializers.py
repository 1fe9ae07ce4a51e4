"""What prices, availability, bookings and stays look like outside, and what may be written."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pms.api.fields import (
    CommaSeparated,
    IdField,
    Input,
    MoneyField,
    NightField,
    NightsQuery,
    OptionalNightsQuery,
    Patch,
    Query,
)
from pms.api.shapes import ActionOutput, Overridable
from reservations.models import RatePlan, Reservation
from reservations.selectors.people import guests_named

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
AGE = serializers.IntegerField(min_value=0, max_value=17)


# --- Rates ------------------------------------------------------------------------------------------------------------


class RatePlanOutput(serializers.Serializer):
    """Conditions under which rooms are sold."""

    id = IdField()
    code = serializers.CharField()
    name = serializers.CharField()
    meal_plan = serializers.CharField()
    derived_from = IdField(source="derived_from_id", allow_null=True, help_text="The plan it takes its prices from.")
    version = serializers.IntegerField()


class RatePlanPatch(Patch):
    """What a rate plan is called and which meals it includes; its prices are set by `PUT /rates`."""

    code = serializers.CharField(required=False, max_length=12)
    name = serializers.CharField(required=False, max_length=100)
    meal_plan = serializers.ChoiceField(required=False, choices=RatePlan.MealPlan.choices)


class RateValueInput(Input):
    """A price for all nights from `from` to `to`, both included, that fall on one of `days`."""

    room_type = IdField()
    rate_plan = IdField()
    days = serializers.ListField(child=serializers.ChoiceField(choices=WEEKDAYS), required=False, max_length=7)
    price = MoneyField(help_text="Gross, for the room and up to two adults.")
    single_price = MoneyField(required=False, help_text="Replaces the price for one adult.")
    extra_adult = MoneyField(required=False)
    children = MoneyField(required=False, help_text="For each child.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields; `from` cannot be the name of a class attribute."""
        return {"from": NightField(), "to": NightField(), **super().get_fields()}


class RatesInput(Input):
    """Many prices at once; a later value wins over an earlier one for the same night."""

    values = RateValueInput(many=True, allow_empty=False, max_length=1000)  # type: ignore[call-arg]


class CellsOutput(serializers.Serializer):
    """How many cells (room type × plan × night) were set."""

    cells = serializers.IntegerField()


# --- Availability and offers ------------------------------------------------------------------------------------------


class AvailabilityQuery(NightsQuery):
    """Which nights, and of which room type."""

    room_type = IdField(required=False)


class AvailabilityOutput(serializers.Serializer):
    """One room type in one night; `room_type` null is the house as a whole."""

    room_type = IdField(source="room_type_id", allow_null=True)
    date = serializers.DateField(source="night")
    physical = serializers.IntegerField()
    out_of_order = serializers.IntegerField()
    sold = serializers.IntegerField()
    block = serializers.IntegerField()
    hold = serializers.IntegerField()
    bound = serializers.IntegerField(
        help_text="Rooms that rooms made of others take from the type, or that those cannot be sold as."
    )
    limit = serializers.IntegerField(help_text="How far it may be overbooked; negative: undersold on purpose.")
    available = serializers.IntegerField(help_text="What is left; negative shows an oversell.")
    sellable = serializers.IntegerField(help_text="What can be sold: never negative, never more than the house has.")


class OffersQuery(Query):
    """When, and for whom."""

    arrival = NightField()
    departure = NightField()
    adults = serializers.IntegerField(min_value=1, max_value=20)
    children = CommaSeparated(AGE, required=False, most=20, help_text="Ages, such as `7,12`.")
    rate_plan = IdField(required=False)
    room_type = IdField(required=False)


class NightPriceOutput(serializers.Serializer):
    """The price of one night."""

    date = serializers.DateField(source="night")
    price = MoneyField()


class TaxOutput(serializers.Serializer):
    """A tax of the stay: contained in the total, or on top of it."""

    code = serializers.CharField()
    amount = MoneyField()
    included = serializers.BooleanField()


class ReasonOutput(serializers.Serializer):
    """Why an offer cannot be booked."""

    code = serializers.CharField()
    detail = serializers.CharField(source="message")


class OfferOutput(serializers.Serializer):
    """One room type on one plan for the stay."""

    room_type = IdField()
    rate_plan = IdField()
    available = serializers.IntegerField(help_text="Rooms that can be sold for the whole stay.")
    total = MoneyField(source="quote.total", allow_null=True, help_text="All nights, taxes that are included.")
    grand_total = MoneyField(source="quote.grand_total", allow_null=True, help_text="What is paid in the end.")
    nights = NightPriceOutput(source="quote.nights", many=True)
    taxes = serializers.SerializerMethodField()
    why_not = ReasonOutput(many=True)

    def get_taxes(self, offer: Any) -> list[dict[str, Any]]:
        """Return the city tax, which comes on top, and the value added tax that is contained."""
        if offer.quote is None:
            return []
        lines = [{"code": "city_tax", "amount": offer.quote.city_tax_total, "included": False}]
        lines += [
            {"code": code, "amount": tax, "included": True} for code, tax in sorted(offer.quote.contained.items())
        ]
        return list(TaxOutput(lines, many=True, context=self.context).data)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Write an offer without a price with its reasons alone."""
        if instance.quote is not None:
            return super().to_representation(instance)
        return {
            "room_type": str(instance.room_type.pk),
            "rate_plan": str(instance.rate_plan.pk),
            "available": instance.available,
            "total": None,
            "grand_total": None,
            "nights": [],
            "taxes": [],
            "why_not": ReasonOutput(instance.why_not, many=True).data,
        }


# --- Bookings ---------------------------------------------------------------------------------------------------------


class PersonInput(Input):
    """A person."""

    first_name = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    last_name = serializers.CharField(max_length=100)
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    phone = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)


class ExternalRefInput(Input):
    """The number of the booking in the partner's system."""

    system = serializers.CharField(max_length=40)
    id = serializers.CharField(max_length=100)


class StayInput(Input):
    """One room for `[arrival, departure)`."""

    room_type = IdField()
    rate_plan = IdField()
    arrival = NightField()
    departure = NightField()
    adults = serializers.IntegerField(min_value=1, max_value=20)
    children = serializers.ListField(child=AGE, required=False, default=list, max_length=20)
    guests = PersonInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=1, help_text="Who sleeps here, if not the booker."
    )
    notes = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    check_in = serializers.BooleanField(
        required=False, default=False, help_text="A walk-in: give a ready room and the key at once."
    )


class StayLine(StayInput):
    """One room of a booking that is brought along with many others."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields: nobody is handed a key in the background."""
        return {name: field for name, field in super().get_fields().items() if name != "check_in"}


class BookingLine(Input):
    """A booking among many."""

    booker = PersonInput()
    source = serializers.CharField(required=False, default="api", max_length=40)  # type: ignore[assignment]
    external_ref = ExternalRefInput(required=False)
    notes = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    reservations = StayLine(many=True, allow_empty=False, max_length=50)  # type: ignore[call-arg]


class BookingInput(Overridable):
    """What somebody books at once."""

    booker = PersonInput()
    source = serializers.CharField(required=False, default="api", max_length=40)  # type: ignore[assignment]
    external_ref = ExternalRefInput(required=False)
    notes = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    reservations = StayInput(many=True, allow_empty=False, max_length=50)  # type: ignore[call-arg]


class ExternalField(serializers.CharField):
    """A number in another system, written `system:id`."""

    default_error_messages = {"form": "Write system:id, such as booking_com:4711."}

    def to_internal_value(self, data: Any) -> Any:
        """Return system and id."""
        system, colon, number = super().to_internal_value(data).partition(":")
        if not (system and colon and number):
            self.fail("form")
        return system, number


class BookingQuery(Query):
    """Which bookings: every filter narrows."""

    number = serializers.CharField(required=False, max_length=20, help_text="The confirmation number.")
    external = ExternalField(required=False, max_length=141, help_text="The number elsewhere, as `system:id`.")
    source = serializers.CharField(required=False, max_length=40)  # type: ignore[assignment]  # the public name
    created_from = serializers.DateTimeField(required=False, help_text="Made at this moment or later.")
    created_to = serializers.DateTimeField(required=False, help_text="Made before this moment.")


class PersonOutput(serializers.Serializer):
    """A person."""

    id = IdField(source="pk")
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()

    def get_attribute(self, instance: Any) -> Any:
        """Return the person; none to a token that may not see guests."""
        return super().get_attribute(instance) if guests_named(self.context["call"].rights) else None


PERSON_HELP = "Null without the scope `guests.read`, which the scopes of invoices contain."


class BookingOutput(serializers.Serializer):
    """What somebody booked at once."""

    id = IdField()
    number = serializers.CharField()
    booker = PersonOutput(allow_null=True, help_text=PERSON_HELP)
    source = serializers.CharField()  # type: ignore[assignment]
    external_ref = serializers.SerializerMethodField()
    notes = serializers.CharField()
    reservations = serializers.SerializerMethodField(help_text="The ids of the stays.")
    version = serializers.IntegerField()

    def get_external_ref(self, booking: Any) -> dict[str, str] | None:
        """Return the number in somebody else's system, if it has one."""
        return {"system": booking.external_system, "id": booking.external_id} if booking.external_id else None

    def get_reservations(self, booking: Any) -> list[str]:
        """Return the ids of the stays in the order they were booked."""
        return [str(stay.pk) for stay in sorted(booking.reservations.all(), key=lambda stay: stay.number)]


class BookingPatch(Patch):
    """What may be changed of a booking whatever became of its stays."""

    source = serializers.CharField(required=False, max_length=40)  # type: ignore[assignment]  # the public name
    notes = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class ReservationQuery(OptionalNightsQuery):
    """Which stays: every filter narrows."""

    status = CommaSeparated(serializers.ChoiceField(choices=Reservation.Status.choices), required=False)
    arrival = NightField(required=False)
    departure = NightField(required=False)
    booking = IdField(required=False)


class ReservationNightOutput(serializers.Serializer):
    """One night of a stay."""

    date = serializers.DateField(source="night")
    room_type = IdField(source="room_type_id", allow_null=True)
    rate_plan = IdField(source="rate_plan_id", allow_null=True)
    price = MoneyField()


class ReservationOutput(serializers.Serializer):
    """One room for a date range."""

    id = IdField()
    number = serializers.CharField()
    booking = IdField(source="booking_id")
    status = serializers.CharField()
    arrival = serializers.DateField()
    departure = serializers.DateField()
    room_type = serializers.SerializerMethodField(help_text="The type of the first open night.")
    rate_plan = serializers.SerializerMethodField(help_text="The plan of the first open night.")
    room = serializers.SerializerMethodField(help_text="The number of the room, if one is assigned.")
    guest = PersonOutput(allow_null=True, help_text=PERSON_HELP)
    adults = serializers.IntegerField()
    children = serializers.ListField(child=serializers.IntegerField())
    nights = ReservationNightOutput(source="nights.all", many=True)
    total = MoneyField()
    balance = MoneyField(negative=True)
    flags = serializers.ListField(child=serializers.CharField())
    walk_in = serializers.BooleanField()
    notes = serializers.CharField()
    version = serializers.IntegerField()
    actions = ActionOutput(many=True)

    def get_room_type(self, stay: Any) -> str | None:
        """Return the type of the first night from the business date on."""
        return _id(self._open_night(stay).room_type_id if self._open_night(stay) else stay.room_type_id)

    def get_rate_plan(self, stay: Any) -> str | None:
        """Return the plan of the first night from the business date on."""
        return _id(self._open_night(stay).rate_plan_id if self._open_night(stay) else stay.rate_plan_id)

    def get_room(self, stay: Any) -> str | None:
        """Return the number of the room it has now, or will have first."""
        assignments = stay.active_assignments
        return assignments[0].room.number if assignments else None

    def _open_night(self, stay: Any) -> Any:
        today = self.context["hotel"].business_date
        return next((night for night in stay.nights.all() if night.night >= today), None)


class ReservationPatch(Patch):
    """What may be changed in any state."""

    notes = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class AssignInput(Input):
    """Which room, by its number."""

    room = serializers.CharField(max_length=12)


class CancelInput(Input):
    """Why."""

    reason = serializers.CharField(max_length=200)


class ActInput(Overridable):
    """An act without more to say."""


class EmptyInput(Input):
    """Nothing to say."""


def _id(value: Any) -> str | None:
    return str(value) if value else None
