"""Who signs in, and from where: nobody and nowhere that an earlier test was counted for."""

from __future__ import annotations

import uuid

import pytest

from pms.accounts.models import User
from tests.domain.accounts.given import make_user


@pytest.fixture
def address() -> str:
    """A place on the network that no other test was counted at."""
    parts = uuid.uuid4().bytes
    return f"10.{parts[0]}.{parts[1]}.{parts[2]}"


@pytest.fixture
def hugo() -> User:
    """A person with an address that no other test was counted for."""
    return make_user(f"Hugo{uuid.uuid4().hex[:8]}")
