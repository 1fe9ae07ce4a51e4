"""The application's database role adds to the audit log and the stream, and never changes or deletes there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from pms.core import grants
from pms.core.models import AuditEntry
from pms.events import worker
from pms.events.models import StreamEvent
from properties.models import Room
from tests.domain.core.given import make_room

pytestmark = pytest.mark.django_db(transaction=True)

ROLE = "pms_app"


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def as_application() -> Iterator[None]:
    """Run the block on a connection of the application's role, as a web process does."""
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = ROLE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner


@pytest.fixture(autouse=True)
def _granted(settings: Any) -> None:
    settings.DATABASE_APP_ROLE = ROLE
    grants.grant_to_app_role()


def test_the_append_only_tables_are_those_that_say_so() -> None:
    assert {"core_auditentry", "events_streamevent"} <= set(grants.append_only_tables())


@pytest.mark.parametrize("table", ["core_auditentry", "events_streamevent"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET property_id = NULL", "DELETE FROM {table}", "TRUNCATE {table}"],
)
def test_the_application_may_not_change_history(table: str, statement: str) -> None:
    make_room()

    with (
        as_application(),
        pytest.raises(ProgrammingError, match="permission denied for table"),
    ):
        execute(statement.format(table=table))

    assert AuditEntry.objects.count() > 0


def test_the_application_has_no_ddl() -> None:
    with as_application(), pytest.raises(ProgrammingError, match="permission denied"):
        execute("CREATE TABLE own (id int)")


def test_the_application_adds_news_and_the_database_numbers_them() -> None:
    with as_application():
        room = make_room()
        room.floor = "3"
        room.save()

    numbers = StreamEvent.objects.filter(property_id=room.property_id).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert AuditEntry.objects.filter(object_pk=str(room.pk)).count() == 2


def test_the_application_changes_and_deletes_ordinary_rows() -> None:
    with as_application():
        make_room().delete()

    assert not Room.objects.exists()


def test_the_application_prunes_through_its_door_but_not_what_is_young() -> None:
    room = make_room()
    execute(f"UPDATE events_streamevent SET occurred_at = now() - interval '8 days' WHERE object_id = '{room.pk}'")
    young = StreamEvent.objects.exclude(object_id=room.pk).count()

    with as_application():
        assert worker.prune() == 1
        execute("SELECT events_prune(now() + interval '1 day')")

    assert StreamEvent.objects.count() == young


def test_without_a_second_role_nothing_is_granted(settings: Any) -> None:
    settings.DATABASE_APP_ROLE = f"nobody_{uuid.uuid4().hex}"

    grants.grant_to_app_role()
