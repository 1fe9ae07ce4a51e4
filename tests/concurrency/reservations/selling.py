"""What the races for rooms share: a hotel whose rows are committed, and a look at the database's deadlocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from pms.core.db_errors import domain_error
from properties.models import Property
from properties.services.setup import RoomPlan
from tests.domain.reservations.given import assert_counts_are_right
from tests.factories.properties import make_hotel
from tests.factories.reservations import open_for_sale


def selling_hotel(rooms: Sequence[RoomPlan], *, code: str = "RAC", nights: int = 10) -> Property:
    """Open a hotel with these rooms for sale."""
    return open_for_sale(make_hotel(code=code, rooms=rooms), nights=nights)


def doubles(count: int) -> RoomPlan:
    """Return a plan of so many doubles."""
    return RoomPlan(code="DBL", name="Double", numbers=[str(101 + place) for place in range(count)])


def deadlocks() -> int:
    """Return how many deadlocks this database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def names(results: Sequence[Any]) -> list[str]:
    """Return what became of each call: "ok", or the name of the error as a person is told it."""
    return sorted(_name(result) for result in results)


def _name(result: Any) -> str:
    if not isinstance(result, BaseException):
        return "ok"
    return type(domain_error(result) or result).__name__


def repeated(call: Callable[[], Any], times: int) -> list[Callable[[], Any]]:
    """Return the call so many times, for `together`."""
    return [call] * times


__all__ = ["assert_counts_are_right", "deadlocks", "doubles", "names", "repeated", "selling_hotel"]
