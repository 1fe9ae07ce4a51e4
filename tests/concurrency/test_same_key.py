"""Ten requests with one key at the same moment do their work once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pms.core import idempotency
from pms.core.idempotency import Answer, InProgress, once
from pms.core.models import IdempotencyRecord
from properties.models import Organization
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def create() -> Answer:
    return Answer(201, {"id": str(Organization.objects.create(name="Seaside").pk)})


def asking(work: Callable[[], Answer] = create) -> Callable[[], Answer]:
    return lambda: once(client="petra", key="k1", request="r", work=work)


def test_the_second_of_two_at_once_is_told_that_the_first_is_at_work() -> None:
    race = Rendezvous()

    def slow() -> Answer:
        race.reached("at work")
        race.wait_for("told")
        return create()

    def impatient() -> Answer:
        race.wait_for("at work")
        try:
            return asking()()
        finally:
            race.reached("told")

    first, second = together(asking(slow), impatient)

    assert first.status == 201
    assert isinstance(second, InProgress)
    assert Organization.objects.count() == 1


def test_ten_at_once_have_one_effect_and_one_body() -> None:
    for _ in range(5):
        Organization.objects.all().delete()
        IdempotencyRecord.objects.all().delete()

        results = together(*[asking()] * 10)

        answers = [result for result in results if isinstance(result, Answer)]
        assert all(isinstance(result, Answer | InProgress) for result in results)
        assert len({answer.body["id"] for answer in answers}) == 1
        assert [answer.replayed for answer in answers].count(False) == 1
        assert Organization.objects.count() == 1


def test_control_without_the_lock_the_work_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: both find no record; only the unique key saves the second, after its work was done."""
    monkeypatch.setattr(idempotency, "try_lock", lambda *_: True)
    race = Rendezvous()
    at_work: list[str] = []

    def work(mine: str, other: str) -> Callable[[], Answer]:
        def both() -> Answer:
            at_work.append(mine)
            race.reached(mine)
            race.wait_for(other)
            return create()

        return both

    results = together(asking(work("a", "b")), asking(work("b", "a")))

    assert sorted(at_work) == ["a", "b"]
    assert [type(result).__name__ for result in results].count("IntegrityError") == 1
