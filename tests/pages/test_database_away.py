"""A database that is away is answered with 503 and a way back, never with a fault of ours."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from pms.core.db_errors import domain_error
from properties import http


def lost(*_: Any, **__: Any) -> None:
    """Fail as a query does when the server was shut down under it."""
    raise OperationalError("terminating connection") from psycopg.errors.AdminShutdown("57P01")


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hotel's records be unreachable."""
    monkeypatch.setattr(http, "hotel_for", lost)


def test_a_page_says_so_and_when_to_come_back(client: Client, hugo: Any, away: None) -> None:
    client.force_login(hugo)

    answer = client.get("/h/SEA/rooms/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert b"catching its breath" in answer.content


def test_htmx_keeps_its_page(client: Client, hugo: Any, away: None) -> None:
    client.force_login(hugo)

    answer = client.get("/h/SEA/rooms/", headers={"HX-Request": "true"})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "state", [psycopg.errors.AdminShutdown, psycopg.errors.ConnectionException, psycopg.OperationalError]
)
def test_every_kind_of_loss_is_one(state: type[Exception]) -> None:
    try:
        raise OperationalError("lost") from state("lost")
    except OperationalError as error:
        found = domain_error(error)

    assert found is not None
    assert found.code == "database_away"
