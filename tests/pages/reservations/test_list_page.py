"""The list of reservations: found, filtered, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.live.pages import audience_of
from properties.models import Property
from reservations.drafts import ExternalRef
from reservations.fragments import RESERVATION_ROW
from reservations.selectors import lists
from tests.factories.reservations import make_booking, make_reservation

LIST = "/h/SEA/reservations/"


def shown(client: Client, **asked: str) -> str:
    """Return the page."""
    return client.get(LIST, asked).content.decode()


def test_a_row_equals_the_piece_that_would_be_pushed(desk: Client, sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea)

    assert RESERVATION_ROW.render(stay.pk, audience_of(hugo, sea.pk)) in shown(desk)


@pytest.mark.parametrize("asked", ["falk", "ida fa", "BC-77"])
def test_a_stay_is_found_by_name_and_by_the_number_of_a_channel(desk: Client, sea: Property, asked: str) -> None:
    wanted = make_booking(hotel=sea, name="Ida Falk", external_ref=ExternalRef("booking.com", "BC-77"))
    make_booking(hotel=sea, name="Jo Berg")

    html = shown(desk, q=asked)

    assert wanted.number in html
    assert "Jo Berg" not in html


def test_a_stay_is_found_by_its_number(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    assert str(stay.pk) in shown(desk, q=stay.number[:5].lower())


def test_state_and_dates_filter_and_nothing_found_says_so(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    assert str(stay.pk) in shown(desk, status="confirmed", first="2026-03-14", last="2026-03-14")
    assert "Nothing fits" in shown(desk, status="cancelled")
    assert str(stay.pk) not in shown(desk, first="2026-03-15")


def test_pages_follow_each_other_without_gaps(desk: Client, sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    stays = [make_reservation(hotel=sea, arrival=sea.business_date.replace(day=day)) for day in (16, 15, 16, 20)]
    order = sorted(stays, key=lambda stay: (stay.arrival, stay.pk))

    first = desk.get(LIST, {"first": "2026-03-14"})
    after = first.context["found"].next
    second = desk.get(LIST, {"first": "2026-03-14", "after": after})

    seen = [row.pk for answer in (first, second) for row in answer.context["found"].rows]
    assert seen == [stay.pk for stay in order]
    assert second.context["found"].next == ""


def test_a_broken_filter_filters_nothing(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)

    assert str(stay.pk) in shown(desk, first="nonsense", after="../..", status="bad")


def test_the_list_costs_the_same_for_one_and_for_many(
    desk: Client, sea: Property, django_assert_max_num_queries: Any
) -> None:
    make_reservation(hotel=sea)
    desk.get(LIST)

    with django_assert_max_num_queries(16) as few:
        desk.get(LIST)
    make_booking(hotel=sea, rooms=2, arrival=sea.business_date.replace(day=20))
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(LIST)
