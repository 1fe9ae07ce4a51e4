"""The hotel that sells, and a connection that nobody answers."""

from __future__ import annotations

import pytest

from channel_manager.models import ChannelConnection
from properties.models import Property
from tests.factories.channels import make_connection


@pytest.fixture
def sea(hotel_for_sale: Property) -> Property:
    """The small hotel SEA (2 DBL, 1 SGL, 1 SUI), open for sale."""
    return hotel_for_sale


@pytest.fixture
def connection(sea: Property) -> ChannelConnection:
    """SEA at Booking.com: live and mapped; nothing answers there."""
    return make_connection(hotel=sea)
