"""Operations on prices, availability, offers and bookings, over the same services as the pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample

from pms.accounts.access import permitted
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.operations import operation
from pms.api.paging import Page
from properties.api.serializers import CodeQuery
from reservations.errors import StayIncomplete, StayTooLong
from reservations.permissions import Permission
from reservations.selectors.offers import MOST_NIGHTS, Party, offers, rate_plans_sold, room_types_sold
from reservations.selectors.partners import bookings_shown, rate_plans_shown, stock_rows
from reservations.selectors.rates import rate_plan_for
from reservations.selectors.stays import booking_for
from reservations.services.booking_facts import booking_change
from reservations.services.bookings import booking_create
from reservations.services.front_desk import walk_in_create
from reservations.services.rate_plans import rate_plan_change
from reservations.services.rates import rates_set

from . import serializers as shapes
from .drafts import booking_facts, rate_value
from .expansions import OF_BOOKING
from .overrides import accepted


class RatePlanListApi(ApiView):
    """Conditions under which rooms are sold."""

    tag = "rates"

    @operation(
        summary="List the rate plans",
        scope="rates.read",
        right=Permission.RATE_VIEW,
        query=CodeQuery,
        output=shapes.RatePlanOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the rate plans in use."""
        filters = {"code": call.query["code"]} if "code" in call.query else {}
        return call.page(rate_plans_shown(call.hotel).filter(**filters), order=("code", "id"))


class RatePlanApi(ApiView):
    """One rate plan."""

    tag = "rates"

    @operation(summary="Read a rate plan", scope="rates.read", right=Permission.RATE_VIEW, output=shapes.RatePlanOutput)
    def get(self, call: Call, rate_plan_id: uuid.UUID) -> Any:
        """Return the plan, also one that is no longer sold: stays of the past name it."""
        return rate_plan_for(call.user, Permission.RATE_VIEW, call.hotel, rate_plan_id)

    @operation(
        summary="Change a rate plan",
        scope="rates.write",
        right=Permission.RATE_CHANGE,
        body=shapes.RatePlanPatch,
        output=shapes.RatePlanOutput,
        versioned=True,
        refusals=["stale_version", "version_required", "invalid_value", "rate_plan_code_taken"],
        examples=[OpenApiExample("Another name", {"name": "Flexible"}, request_only=True)],
    )
    def patch(self, call: Call, rate_plan_id: uuid.UUID) -> Any:
        """Change what was sent, merged with what others saved meanwhile."""
        plan = rate_plan_for(call.user, Permission.RATE_CHANGE, call.hotel, rate_plan_id)
        return rate_plan_change(rate_plan_id=plan.pk, values=call.values, seen_version=call.seen)


class RatesApi(ApiView):
    """Prices of many nights at once."""

    tag = "rates"

    @operation(
        summary="Set prices",
        scope="rates.write",
        right=Permission.RATE_CHANGE,
        body=shapes.RatesInput,
        output=shapes.CellsOutput,
        refusals=["invalid_value", "wrong_hotel"],
    )
    def put(self, call: Call) -> Any:
        """Set the prices and say how many cells that were."""
        return {"cells": rates_set(hotel=call.hotel, values=[rate_value(value) for value in call.data["values"]])}


class AvailabilityApi(ApiView):
    """What is left, night by night."""

    tag = "rates"

    @operation(
        summary="Read the availability",
        scope="rates.read",
        right=Permission.RATE_VIEW,
        query=shapes.AvailabilityQuery,
        output=shapes.AvailabilityOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return each night's room types, and the house as a row without a type."""
        query = call.query
        rows = stock_rows(call.hotel, first=query["from"], last=query["to"], room_type_id=query.get("room_type"))
        return call.page(rows, order=("night", "place", "id"))


class OffersApi(ApiView):
    """What can be booked for these dates and people, at what price."""

    tag = "rates"

    @operation(
        summary="Find offers",
        scope="rates.read",
        right=Permission.RATE_VIEW,
        query=shapes.OffersQuery,
        output=shapes.OfferOutput,
        paged=True,
        refusals=["stay_incomplete", "stay_too_long"],
    )
    def get(self, call: Call) -> Page:
        """Return every type on every plan, with the reasons where it cannot be booked."""
        query = call.query
        nights = (query["departure"] - query["arrival"]).days
        if nights < 1:
            raise StayIncomplete(_("The departure must be after the arrival. Choose other dates."), field="departure")
        if nights > MOST_NIGHTS:
            raise StayTooLong(
                _("An offer holds at most %(most)s nights.") % {"most": MOST_NIGHTS},
                field="departure",
                most=MOST_NIGHTS,
            )
        kinds, plans = room_types_sold(call.hotel), rate_plans_sold(call.hotel)
        found = offers(
            hotel=call.hotel,
            arrival=query["arrival"],
            departure=query["departure"],
            party=Party(query["adults"], tuple(query.get("children", ()))),
            room_types=list(kinds.filter(pk=query["room_type"]) if "room_type" in query else kinds),
            rate_plans=list(plans.filter(pk=query["rate_plan"]) if "rate_plan" in query else plans),
        )
        return call.page(found, order=("room_type__rank", "room_type__code", "rate_plan__code"))


BOOKING = {
    "booker": {"first_name": "Jordi", "last_name": "Martí", "email": "jordi@example.com"},
    "reservations": [
        {"room_type": "…", "rate_plan": "…", "arrival": "2027-03-14", "departure": "2027-03-16", "adults": 2}
    ],
}


class BookingListApi(ApiView):
    """Bookings of the hotel."""

    tag = "reservations"

    @operation(
        summary="List the bookings",
        scope="reservations.read",
        right=Permission.RESERVATION_VIEW,
        query=shapes.BookingQuery,
        output=shapes.BookingOutput,
        expand=OF_BOOKING,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the bookings, the oldest first."""
        return call.page(bookings_shown(call.hotel).filter(**_filters(call.query)), order=("created_at", "id"))

    @operation(
        summary="Book",
        scope="reservations.write",
        right=Permission.RESERVATION_BOOK,
        body=shapes.BookingInput,
        output=shapes.BookingOutput,
        status=201,
        key="required",
        refusals=["not_available", "night_not_open", "price_missing", "capacity_exceeded", "arrival_in_past"],
        examples=[OpenApiExample("Two nights for two", BOOKING, request_only=True)],
    )
    def post(self, call: Call) -> Reply:
        """Book one or more rooms, all or none; full: 409 `not_available` with `alternatives`."""
        data = call.data
        forced = "not_available" in accepted(call, {"not_available": Permission.OVERBOOK})
        facts = booking_facts(data)
        if any(stay["check_in"] for stay in data["reservations"]):
            permitted(call.user, Permission.RESERVATION_CHECK_IN, call.hotel.pk)
            if len(facts["stays"]) > 1:
                raise StayIncomplete(
                    _("A walk-in is one room. Nothing was booked; book each apart."), field="reservations"
                )
            named = {name: facts[name] for name in ("booker", "source")}
            booking = walk_in_create(hotel=call.hotel, stay=facts["stays"][0], **named)
        else:
            booking = booking_create(hotel=call.hotel, forced=forced, **facts)
        return Reply(content=booking, location=f"{call.request.path}/{booking.pk}")


class BookingApi(ApiView):
    """One booking."""

    tag = "reservations"

    @operation(
        summary="Read a booking",
        scope="reservations.read",
        right=Permission.RESERVATION_VIEW,
        output=shapes.BookingOutput,
        expand=OF_BOOKING,
    )
    def get(self, call: Call, booking_id: uuid.UUID) -> Any:
        """Return the booking."""
        return booking_for(call.user, Permission.RESERVATION_VIEW, call.hotel, booking_id)

    @operation(
        summary="Change a booking",
        scope="reservations.write",
        right=Permission.RESERVATION_CHANGE,
        body=shapes.BookingPatch,
        output=shapes.BookingOutput,
        versioned=True,
        refusals=["stale_version", "version_required", "invalid_value"],
        examples=[OpenApiExample("A remark", {"notes": "Comes with a dog"}, request_only=True)],
    )
    def patch(self, call: Call, booking_id: uuid.UUID) -> Any:
        """Change what was sent, merged with what others saved meanwhile; each stay has a PATCH of its own."""
        booking_change(hotel=call.hotel, booking_id=booking_id, values=call.values, seen_version=call.seen)
        return booking_for(call.user, Permission.RESERVATION_CHANGE, call.hotel, booking_id)


def _filters(query: Mapping[str, Any]) -> dict[str, Any]:
    names = {"number": "number", "source": "source", "created_from": "created_at__gte", "created_to": "created_at__lt"}
    filters = {names[name]: query[name] for name in names if name in query}
    if "external" in query:
        filters["external_system"], filters["external_id"] = query["external"]
    return filters
