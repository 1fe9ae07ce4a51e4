"""A hotel open for sale."""

from __future__ import annotations

import pytest

from properties.models import Property


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    """The small hotel SEA, open for sale."""
    return hotel_for_sale
