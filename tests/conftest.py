"""What every test shares: a hotel, people with names. The servers are started by pms.runtime.pytest_plugin.

The hotels are founded once (tests/standing.py) and put back for each test that asks for one; the database is empty for
all others.

Maria cleans, Hugo is at the desk, Sara supervises, Anna manages and Olga owns the hotel SEA; Eve owns another hotel of
another organization and must never see anything of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase
from playwright.sync_api import Browser

from folios.seed import trial_books
from pms.accounts.models import User
from pms.runtime.testing import django_db_setup as cloned_database
from pms.runtime.testing import live_server_url
from properties.models import Property, Room
from tests.chromium import chromium
from tests.clients import force_login_proves
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member, make_trial_hotel, make_user
from tests.factories.reservations import open_for_sale
from tests.standing import Standing, empty, read, tables

__all__ = ["cloned_database", "live_server_url"]


def pytest_configure() -> None:
    """Sign people in as the page does."""
    force_login_proves()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests with a browser come last: its running event loop would break the asynchronous ones after it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium for the whole run; each test opens windows of its own and closes them."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(cloned_database: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of this worker; a test that commits leaves it as empty as it came."""
    with django_db_blocker.unblock():
        reference = read(tables())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty(reference))
        yield


@pytest.fixture(scope="session")
def founded(django_db_setup: None, django_db_blocker: Any) -> Callable[..., Standing]:
    """A function that founds a hotel once for the whole run; takes what `Standing` takes."""

    def found(make: Callable[[], Property], **later: Callable[[Property], object]) -> Standing:
        with django_db_blocker.unblock():
            return Standing(make, **later)

    return found


@pytest.fixture(scope="session")
def standing_sea(founded: Callable[..., Standing]) -> Standing:
    """What `hotel`, `hotel_for_sale` and `hotel_with_books` give to each test."""
    return founded(lambda: make_hotel(rooms=SMALL_HOUSE), sale=open_for_sale, books=trial_books)


@pytest.fixture(scope="session")
def standing_lak(founded: Callable[..., Standing]) -> Standing:
    """What `other_hotel` gives to each test."""
    return founded(_make_lak)


@pytest.fixture(scope="session")
def standing_trial(founded: Callable[..., Standing]) -> Standing:
    """What `trial_hotel` gives to each test."""
    return founded(make_trial_hotel)


def _make_lak() -> Property:
    eve = make_user(name="Eve Moreau", email="eve@lak.example")
    return make_hotel(code="LAK", name="Lake House", owner=eve, rooms=SMALL_HOUSE)


@pytest.fixture
def hotel(standing_sea: Standing, db: Any) -> Property:
    """The hotel SEA: rooms 101, 102 (double), 201 (single), 501 (suite), all clean and vacant; Sat 14 Mar 2026."""
    return standing_sea.rise()


@pytest.fixture
def hotel_for_sale(standing_sea: Standing, hotel: Property) -> Property:
    """The same hotel with taxes, plans, prices and sixty open nights, as `open_for_sale` leaves it."""
    standing_sea.go_on("sale")
    return hotel


@pytest.fixture
def hotel_with_books(standing_sea: Standing, hotel: Property) -> Property:
    """The same hotel for sale, with transaction codes and invoice series, as `open_for_business` leaves it."""
    standing_sea.go_on("books")
    return hotel


@pytest.fixture
def trial_hotel(standing_trial: Standing, db: Any) -> Property:
    """The whole trial hotel of docs/domain.md with its 50 rooms and ten people (`anna@sea.example`, …)."""
    return standing_trial.rise()


@pytest.fixture
def other_hotel(standing_lak: Standing, db: Any) -> Property:
    """The hotel LAK of another organization."""
    return standing_lak.rise()


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
