"""A hotel open for sale."""

from __future__ import annotations

import pytest

from properties.models import Property
from tests.factories.reservations import open_for_sale


@pytest.fixture
def sea(hotel: Property) -> Property:
    """The small hotel SEA, open for sale."""
    return open_for_sale(hotel)
