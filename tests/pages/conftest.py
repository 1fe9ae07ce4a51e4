"""What tests of pages share. The hotel `sea`, with as much in it as a folder's pages need, is that folder's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property
from tests.clients import signed_in
from tests.openid_provider import Provider
from tests.pages.openid_rounds import provided


@pytest.fixture
def desk(sea: Property, hugo: User) -> Client:
    """Hugo's browser at the front desk."""
    return signed_in(hugo)


@pytest.fixture
def house(settings: Any, hugo: User) -> Iterator[Provider]:
    """A provider of sign-ins that knows Hugo."""
    with provided(settings, hugo) as one:
        yield one


@pytest.fixture
def htmx() -> dict[str, Any]:
    """The headers by which htmx asks for a piece."""
    return {"HX-Request": "true"}
