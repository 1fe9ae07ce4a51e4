"""What the tests of the books share: the small hotel with prices and books."""

from __future__ import annotations

import pytest

from properties.models import Property


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return hotel_with_books
