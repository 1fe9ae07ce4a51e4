"""What the tests of the books share: the small hotel with prices and books."""

from __future__ import annotations

import pytest

from properties.models import Property
from tests.factories.folios import open_for_business


@pytest.fixture
def sea(hotel: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return open_for_business(hotel)
