"""One furnished house for a whole file of tests; each test works in a savepoint that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from channel_manager import outbound
from channel_manager.errors import ChannelUnreachable
from reservations.models import Guest
from tests.committed import rolled_back
from tests.permissions.house import House

# What the guests of the house are called and reached by: no other word on a page contains it.
MARKED = {
    "first_name": "Xaverine",
    "last_name": "Quittenbaum",
    "email": "xq@quitten.example",
    "phone": "+49 555 019283",
}


@pytest.fixture(scope="module")
def shared_house(django_db_setup: Any, django_db_blocker: Any) -> Iterator[House]:
    """Two hotels made once: a hundred tests only look at them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield House()
        transaction.set_rollback(True)


@pytest.fixture
def house(shared_house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The furnished hotels SEA and LAK; no channel answers."""

    def unreachable(*_args: Any, **_facts: Any) -> Any:
        raise ChannelUnreachable("Nobody answers.")

    # Channels are never called inside a transaction, and these tests are one.
    monkeypatch.setattr(outbound, "call", unreachable)
    with rolled_back():
        yield shared_house


@pytest.fixture
def marked(house: House) -> House:
    """The house, all of whose guests carry the marks."""
    for guest in Guest.objects.all():
        for name, value in MARKED.items():
            setattr(guest, name, value)
        guest.save()
    return house
