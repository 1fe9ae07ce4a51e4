"""A database that was put back tells another history: every stream gets a new epoch, and what was kept is forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from pms.accounts import access
from pms.events import history
from pms.events.models import History, StreamEvent, StreamHead
from pms.events.publish import publish
from pms.events.selectors import stream_head
from properties.models import Property
from tests.committed import commit
from tests.domain.events.given import RoomSwept
from tests.factories.properties import make_member

pytestmark = pytest.mark.django_db
HERE = uuid.UUID(int=1)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A process that has just begun; what it forgets is noted."""
    forgotten: list[str] = []
    monkeypatch.setattr(history, "_mark", None)
    monkeypatch.setattr(history, "_forget", [*history._forget, lambda: forgotten.append("all")])
    history._looked_by.clear()
    yield forgotten
    history._looked_by.clear()


def another_connection() -> None:
    history._looked_by.clear()
    history.look(connection=connection)


def put_back() -> None:
    """Let the database say that it comes from elsewhere."""
    History.objects.update(origin="7000000000000000001:00000001")


def happen() -> str:
    publish(RoomSwept(property_id=HERE))
    commit(run=False)
    return stream_head(HERE).epoch


def test_the_same_history_goes_on(fresh: list[str]) -> None:
    epoch = happen()

    another_connection()
    another_connection()

    assert stream_head(HERE).epoch == epoch
    assert fresh == []
    assert ":" in History.objects.get().origin


def test_the_first_look_of_an_installation_renews_nothing(fresh: list[str]) -> None:
    History.objects.all().delete()
    epoch = happen()

    another_connection()

    assert stream_head(HERE).epoch == epoch


def test_another_history_renews_every_epoch_once_and_is_forgotten_by_each_process(fresh: list[str]) -> None:
    another_connection()
    epoch = happen()
    put_back()

    another_connection()
    renewed = stream_head(HERE).epoch
    another_connection()

    assert renewed != epoch
    assert stream_head(HERE).epoch == renewed
    assert fresh == ["all"]


def test_another_process_that_remembers_the_former_history_forgets_it_too(
    fresh: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    another_connection()
    former = history._mark
    put_back()
    another_connection()
    monkeypatch.setattr(history, "_mark", former)

    another_connection()

    assert fresh == ["all", "all"]


def test_a_connection_from_the_pool_is_looked_at_once(django_assert_num_queries: pytest.FixtureRequest) -> None:
    another_connection()

    with django_assert_num_queries(0):  # type: ignore[operator]
        history.look(connection=connection)


def test_rights_of_a_former_history_are_not_those_of_the_same_epoch_now(hotel: Property) -> None:
    another_connection()
    nora = make_member(hotel=hotel, name="Nora", role="manager").user
    assert access.rights_at(nora, hotel.pk)
    nora.groups.clear()  # as the database that was put back says, in the same epoch
    assert access.rights_at(nora, hotel.pk), "what is remembered counts within an epoch"
    put_back()

    another_connection()

    assert access.rights_at(nora, hotel.pk) == frozenset()


def test_the_command_begins_a_new_history() -> None:
    another_connection()
    epoch, mark = happen(), History.objects.get().mark

    call_command("new_history")

    assert stream_head(HERE).epoch != epoch
    assert History.objects.get().mark != mark


def test_control_without_a_new_epoch_a_reader_misses_what_got_its_numbers() -> None:
    """A reader at number 3 of a database that was put back to 1 and went on to 4: two events have passed unseen."""
    for _ in range(3):
        epoch = happen()
    StreamEvent.objects.filter(property_id=HERE, seq__gt=1).delete()
    StreamHead.objects.filter(property_id=HERE).update(seq=1)
    for _ in range(3):
        happen()

    assert stream_head(HERE).epoch == epoch, "nothing tells the reader"
    assert StreamEvent.objects.filter(property_id=HERE, seq__gt=3).count() == 1
    assert StreamEvent.objects.filter(property_id=HERE, seq__gt=1).count() == 3
