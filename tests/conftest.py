"""What every test shares: a hotel, people with names. The servers are started by pms.runtime.pytest_plugin.

Maria cleans, Hugo is at the desk, Sara supervises, Anna manages and Olga owns the hotel SEA; Eve owns another hotel of
another organization and must never see anything of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from pms.accounts.models import User
from pms.runtime.testing import django_db_setup, live_server_url
from properties.models import Property, Room
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member, make_trial_hotel, make_user

__all__ = ["django_db_setup", "live_server_url"]


@pytest.fixture
def hotel(db: Any) -> Property:
    """The hotel SEA: rooms 101, 102 (double), 201 (single), 501 (suite), all clean and vacant; Sat 14 Mar 2026."""
    return make_hotel(rooms=SMALL_HOUSE)


@pytest.fixture
def trial_hotel(db: Any) -> Property:
    """The whole trial hotel of docs/domain.md with its 50 rooms and ten people (`anna@sea.example`, …)."""
    return make_trial_hotel()


@pytest.fixture
def other_hotel(db: Any) -> Property:
    """The hotel LAK of another organization."""
    return make_hotel(
        code="LAK", name="Lake House", owner=make_user(name="Eve Moreau", email="eve@lak.example"), rooms=SMALL_HOUSE
    )


@pytest.fixture
def room(hotel: Property) -> Room:
    """Room 101 of SEA."""
    return Room.objects.get(property=hotel, number="101")


@pytest.fixture
def olga(hotel: Property) -> User:
    """The owner of SEA."""
    return User.objects.get(email="olga@sea.example")


@pytest.fixture
def anna(hotel: Property) -> User:
    """The manager of SEA."""
    return make_member(hotel=hotel, name="Anna Sommer", role="manager").user


@pytest.fixture
def hugo(hotel: Property) -> User:
    """Front desk of SEA."""
    return make_member(hotel=hotel, name="Hugo Lindt", role="front_desk").user


@pytest.fixture
def sara(hotel: Property) -> User:
    """Housekeeping supervisor of SEA."""
    return make_member(hotel=hotel, name="Sara Keller", role="housekeeping_supervisor").user


@pytest.fixture
def maria(hotel: Property) -> User:
    """Housekeeper of SEA."""
    return make_member(hotel=hotel, name="Maria Kowalska", role="housekeeper").user


@pytest.fixture
def eve(other_hotel: Property) -> User:
    """The owner of LAK: a stranger at SEA."""
    return User.objects.get(email="eve@lak.example")
