"""The hotel that sells: SEA with its four rooms, open for sixty nights."""

from __future__ import annotations

import pytest

from properties.models import Property
from tests.factories.reservations import open_for_sale


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    """The small hotel SEA (2 DBL, 1 SGL, 1 SUI), open for sale."""
    return hotel_for_sale


@pytest.fixture
def lake(other_hotel: Property) -> Property:
    """The hotel LAK of strangers, open for sale."""
    return open_for_sale(other_hotel)
