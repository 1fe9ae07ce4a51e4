"""From what a program sent (read already) to what the services take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pms.core.money import ZERO
from reservations.drafts import ExternalRef, GuestDraft, StayDraft
from reservations.services.rates import RateValue

from .serializers import WEEKDAYS


def rate_value(value: Mapping[str, Any]) -> RateValue:
    """Return a price for some nights."""
    days = value.get("days")
    return RateValue(
        room_type_id=value["room_type"],
        rate_plan_id=value["rate_plan"],
        first=value["from"],
        last=value["to"],
        price=value["price"],
        single_price=value.get("single_price"),
        extra_adult=value.get("extra_adult", ZERO),
        child_price=value.get("children", ZERO),
        weekdays=frozenset(WEEKDAYS.index(day) for day in days) if days else frozenset(range(7)),
    )


def booking_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `booking_create` takes of the body of a booking."""
    ref = data.get("external_ref")
    return {
        "booker": _person(data["booker"]),
        "stays": [_stay(stay) for stay in data["reservations"]],
        "source": data["source"],
        "external_ref": ExternalRef(ref["system"], ref["id"]) if ref else None,
        "notes": data["notes"],
    }


def _person(data: dict[str, Any]) -> GuestDraft:
    return GuestDraft(
        last_name=data["last_name"], first_name=data["first_name"], email=data["email"], phone=data["phone"]
    )


def _stay(data: dict[str, Any]) -> StayDraft:
    guests = data.get("guests") or []
    return StayDraft(
        arrival=data["arrival"],
        departure=data["departure"],
        room_type_id=data["room_type"],
        rate_plan_id=data["rate_plan"],
        adults=data["adults"],
        children=tuple(data["children"]),
        guest=_person(guests[0]) if guests else None,
        notes=data["notes"],
    )
