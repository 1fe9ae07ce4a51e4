"""Who did something, and how it came about, where no person did."""

from __future__ import annotations

import pytest

from pms.accounts.models import User
from pms.core.origins import actor_name, origin_name, way_of


@pytest.mark.parametrize(
    ("via", "actor", "way"),
    [
        ("booking_com", "Booking.com", "as a channel"),
        ("night_audit", "Night audit", "by itself"),
        ("worker", "The house", "by itself"),
        ("command", "The house", "by a command"),
        ("api", "The house", "by API"),
        ("web", "The house", "at the desk"),
        ("", "The house", ""),
    ],
)
def test_everything_that_acts_has_a_name_and_a_way(via: str, actor: str, way: str) -> None:
    assert (actor_name(None, via), way_of(via)) == (actor, way)


def test_a_person_goes_before_the_way(db: None) -> None:
    anna = User(name="Anna Schulz", email="anna@sea.example")

    assert (actor_name(anna, "night_audit"), actor_name("Anna Schulz", "booking_com")) == ("Anna Schulz",) * 2


def test_sources_are_said_as_people_say_them() -> None:
    assert [origin_name(code) for code in ("booking_com", "walk_in", "desk")] == ["Booking.com", "walk in", "desk"]
