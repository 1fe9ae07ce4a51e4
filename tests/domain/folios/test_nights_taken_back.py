"""A night whose postings were all taken back is owed again: the audit, or the next check-in, posts it anew, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import pytest
import time_machine

from folios.models import Folio, Posting
from folios.selectors.audits import stay_ids_unposted
from folios.selectors.folios import balance_of
from folios.services.night_audit import night_audit_run, night_audit_start
from folios.services.nights import night_post
from folios.services.postings import posting_reverse
from properties.models import Property
from reservations.models import Reservation
from reservations.services.front_desk import reservation_check_in, reservation_undo_check_in
from tests.committed import committed
from tests.factories.folios import make_guest_in_house

NOON = dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC)
TONIGHT = Decimal("122.50")  # the room and the city tax of one adult

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterable[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def guest(sea: Property) -> tuple[Reservation, Folio]:
    """A guest in house for two nights, the first of which is posted."""
    stay, folio = make_guest_in_house(hotel=sea, nights=2, adults=1)
    assert night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date) == 2
    return stay, folio


def take_back(folio: Folio, *codes: str) -> None:
    """Take the standing postings under `codes` back."""
    standing = Posting.objects.filter(folio=folio, reverses=None, reversed_by=None, transaction_code__code__in=codes)
    for posting in standing:
        posting_reverse(folio_id=folio.pk, posting_id=posting.pk, reason="Wrong guest")


def posted_again(hotel: Property, stay: Reservation) -> int:
    return night_post(reservation_id=stay.pk, property_id=hotel.pk, night=hotel.business_date)


def test_what_was_taken_back_whole_is_posted_anew_and_once(sea: Property, guest: tuple[Reservation, Folio]) -> None:
    stay, folio = guest
    take_back(folio, "room", "city_tax")
    assert balance_of(folio.pk) == 0
    assert stay_ids_unposted(sea.pk, sea.business_date) == [stay.pk]

    assert (posted_again(sea, stay), posted_again(sea, stay)) == (2, 0)

    assert balance_of(folio.pk) == TONIGHT
    assert stay_ids_unposted(sea.pk, sea.business_date) == []


def test_it_may_be_taken_back_more_than_once(sea: Property, guest: tuple[Reservation, Folio]) -> None:
    stay, folio = guest
    for _ in range(3):
        take_back(folio, "room", "city_tax")
        assert posted_again(sea, stay) == 2

    assert balance_of(folio.pk) == TONIGHT


def test_control_a_night_of_which_something_stands_is_left_as_the_desk_made_it(
    sea: Property, guest: tuple[Reservation, Folio]
) -> None:
    _stay, folio = guest
    take_back(folio, "room")

    with committed():
        night_audit_run(audit_id=night_audit_start(hotel=sea, accepted=["audit_too_early"]).pk)

    assert balance_of(folio.pk) == Decimal("2.50")


def test_the_audit_posts_what_was_taken_back_before_it(sea: Property, guest: tuple[Reservation, Folio]) -> None:
    _stay, folio = guest
    take_back(folio, "room", "city_tax")

    with committed():
        night_audit_run(audit_id=night_audit_start(hotel=sea, accepted=["audit_too_early"]).pk)

    assert balance_of(folio.pk) == TONIGHT


def test_who_is_checked_in_again_owes_the_night_like_anybody(sea: Property, guest: tuple[Reservation, Folio]) -> None:
    stay, folio = guest
    take_back(folio, "room", "city_tax")
    reservation_undo_check_in(hotel=sea, reservation_id=stay.pk)
    reservation_check_in(hotel=sea, reservation_id=stay.pk, accepted=["room_not_ready"])

    with committed():
        night_audit_run(audit_id=night_audit_start(hotel=sea, accepted=["audit_too_early"]).pk)

    folios = Folio.objects.filter(reservation=stay)
    assert sum(balance_of(one.pk) for one in folios) == TONIGHT
