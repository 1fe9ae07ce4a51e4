"""Scenario 5 of docs/domain.md at the desk: one double left, twenty want it; then the manager oversells."""

from __future__ import annotations

from collections import Counter

import pytest

from properties.models import Property
from reservations.models import Booking, Reservation
from reservations.selectors.offers import Party, offers
from reservations.selectors.recount import recount
from reservations.services.stays import reservation_cancel
from tests.domain.reservations.given import counter, lefts
from tests.factories.properties import make_trial_hotel
from tests.factories.reservations import make_booking, make_stay, open_for_sale
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def doubles_offered(hotel: Property) -> int:
    """Return how many doubles a channel or a page may sell tonight: never less than none."""
    stay = make_stay(hotel=hotel)
    found = offers(hotel=hotel, arrival=stay.arrival, departure=stay.departure, party=Party(1))
    return next(offer.available for offer in found if offer.room_type.code == "DBL")


def test_the_last_double_is_sold_once_and_then_only_by_force() -> None:
    hotel = open_for_sale(make_trial_hotel(), nights=3)
    make_booking(hotel=hotel, rooms=29, nights=2)
    assert lefts(hotel, "DBL", None) == [1, 21]

    results = together(*[lambda: make_booking(hotel=hotel, nights=2)] * 20)

    assert Counter(getattr(result, "code", "sold") for result in results) == {"sold": 1, "not_available": 19}
    told = next(result for result in results if not isinstance(result, Booking))
    assert [one["room_type_code"] for one in told.facts["alternatives"][:2]] == ["SGL", "SUI"]
    assert (lefts(hotel, "DBL", None), doubles_offered(hotel)) == ([0, 20], 0)
    assert Reservation.objects.count() == 30

    forced = make_booking(hotel=hotel, nights=2, forced=True).reservations.get()

    assert (forced.status, forced.flags) == ("confirmed", ["overbooked"])
    assert (lefts(hotel, "DBL", None), doubles_offered(hotel)) == ([-1, 19], 0)
    assert (counter(hotel, "DBL").forced, counter(hotel, None).forced) == (1, 0)

    reservation_cancel(hotel=hotel, reservation_id=forced.pk, reason="walked to the hotel next door")

    assert (lefts(hotel, "DBL", None), doubles_offered(hotel)) == ([0, 20], 0)
    assert recount(hotel) == []
