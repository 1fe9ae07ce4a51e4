"""Petra, the partner: programs with tokens, bound to the hotels and scopes a test gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from pms.accounts.models import User
from properties.models import Property
from tests.api.apps import App, signed_in
from tests.api.partner import Partner, make_partner


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Forget what earlier tests counted: rows are rolled back, Redis is not."""
    yield
    server = redis.Redis.from_url(settings.REDIS_URL)
    for key in server.scan_iter(f"{settings.REDIS_PREFIX}:rate:*"):
        server.delete(key)


@pytest.fixture
def petra(hotel: Property) -> Partner:
    """A program that may do everything at SEA."""
    return make_partner([hotel])


@pytest.fixture
def partner_with(hotel: Property) -> Callable[..., Partner]:
    """A function that makes a program at SEA with just these scopes."""

    def make(scope: str, **options: Any) -> Partner:
        return make_partner([hotel], scope=scope, **options)

    return make


@pytest.fixture
def app(hotel: Property) -> App:
    """A shift planner that is admitted at SEA."""
    return App([hotel])


@pytest.fixture
def tokens(app: App, hotel: Property, maria: User) -> dict[str, Any]:
    """What the app holds after Maria, a housekeeper, let it in at SEA."""
    return dict(app.exchange(app.code(signed_in(maria), [hotel])).json())
