"""Bulk work around selling: prices by the thousand, and bookings brought from another system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample

from pms.accounts.models import User
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.fields import Input
from pms.api.job_views import TAG, job_operation, job_reply
from pms.api.jobs import JobKind, Line, register
from properties.models import Property
from reservations.permissions import Permission
from reservations.services.bookings import booking_create
from reservations.services.rates import rates_set

from .drafts import booking_facts, rate_value
from .serializers import BookingLine, RateValueInput


def _set_prices(hotel: Property, _user: User, lines: Sequence[Line]) -> list[Any]:
    rates_set(hotel=hotel, values=[rate_value(line) for line in lines])
    return [None] * len(lines)


def _book(hotel: Property, _user: User, lines: Sequence[Line]) -> list[Any]:
    bookings = [booking_create(hotel=hotel, **booking_facts(line)) for line in lines]
    return [{"id": str(booking.pk), "number": booking.number} for booking in bookings]


RATES = register(
    JobKind(
        name="rates",
        scope="rates.write",
        right=Permission.RATE_CHANGE,
        line=RateValueInput,
        work=_set_prices,
        chunk=100,
        most=5000,
    )
)
BOOKINGS = register(
    JobKind(
        name="bookings",
        scope="reservations.write",
        right=Permission.RESERVATION_BOOK,
        line=BookingLine,
        work=_book,
        chunk=5,
        most=1000,
    )
)


class RatesJobInput(Input):
    """Many prices; a later line wins over an earlier one for the same night."""

    lines = RateValueInput(many=True, allow_empty=False, max_length=RATES.most)  # type: ignore[call-arg]


class BookingsJobInput(Input):
    """Many bookings, each all or none; with an `external_ref` none is booked twice, whoever sends it again."""

    lines = BookingLine(many=True, allow_empty=False, max_length=BOOKINGS.most)  # type: ignore[call-arg]


class RatesJobApi(ApiView):
    """Many prices, in the background."""

    tag = TAG

    @job_operation(
        RATES,
        summary="Set many prices",
        body=RatesJobInput,
        examples=[
            OpenApiExample(
                "A season",
                {
                    "lines": [
                        {
                            "room_type": "…",
                            "rate_plan": "…",
                            "from": "2027-06-01",
                            "to": "2027-09-15",
                            "price": {"amount": "149.00", "currency": "EUR"},
                        }
                    ]
                },
                request_only=True,
            )
        ],
    )
    def post(self, call: Call) -> Reply:
        """Queue the lines; each is one of `PUT …/rates`."""
        return job_reply(call, RATES)


class BookingsJobApi(ApiView):
    """Bookings from another system, in the background."""

    tag = TAG

    @job_operation(
        BOOKINGS,
        summary="Import bookings",
        body=BookingsJobInput,
    )
    def post(self, call: Call) -> Reply:
        """Queue the lines; each is one of `POST …/bookings`, without overrides and walk-ins."""
        return job_reply(call, BOOKINGS)
