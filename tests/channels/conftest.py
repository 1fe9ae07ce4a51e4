"""The pretended booking site, one process for the run, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from properties.models import Property
from tests.factories.channels import Sandbox, running_sandbox

# The hotel of the tests lives in March 2026, the site by the real clock.
ANY_DATE = 5000


@pytest.fixture(scope="session")
def site_process() -> Iterator[Sandbox]:
    """The site's process."""
    with running_sandbox() as site:
        yield site


@pytest.fixture
def site(site_process: Sandbox) -> Sandbox:
    """The site, with nothing booked and nothing told."""
    site_process.do("reset", oldest_days=ANY_DATE)
    return site_process


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    """The small hotel SEA (2 DBL, 1 SGL, 1 SUI), open for sale."""
    return hotel_for_sale
