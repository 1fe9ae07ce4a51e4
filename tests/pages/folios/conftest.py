"""A hotel with open books, and its manager at her screen."""

from __future__ import annotations

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property
from tests.clients import signed_in


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return hotel_with_books


@pytest.fixture
def office(sea: Property, anna: User) -> Client:
    """Anna's browser: the manager."""
    return signed_in(anna)
