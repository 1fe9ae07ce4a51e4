"""People at their screens: a hotel with open books, browsers that are signed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property
from tests.factories.folios import open_for_business


def signed_in(user: User) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def sea(hotel: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return open_for_business(hotel)


@pytest.fixture
def desk(sea: Property, hugo: User) -> Client:
    """Hugo's browser at the front desk."""
    return signed_in(hugo)


@pytest.fixture
def office(sea: Property, anna: User) -> Client:
    """Anna's browser: the manager."""
    return signed_in(anna)


@pytest.fixture
def htmx() -> dict[str, Any]:
    """The headers by which htmx asks for a piece."""
    return {"HX-Request": "true"}
