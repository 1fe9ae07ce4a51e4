"""A key does its work once; a repeat gets the first answer, a refusal leaves nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from pms.core import idempotency
from pms.core.errors import AlreadyTaken
from pms.core.idempotency import Answer, KeyReused, fingerprint, once
from pms.core.models import IdempotencyRecord
from properties.models import Organization
from tests.committed import rolled_back

pytestmark = pytest.mark.django_db


def create(name: str = "Seaside", status: int = 201) -> Answer:
    row = Organization.objects.create(name=name)
    return Answer(status, {"id": str(row.pk)}, {"ETag": '"1"'})


def names() -> list[str]:
    return list(Organization.objects.order_by("name").values_list("name", flat=True))


def test_a_repeat_gets_the_first_answer_and_does_nothing() -> None:
    first = once(client="petra", key="k1", request="r", work=create)
    second = once(client="petra", key="k1", request="r", work=create)

    assert (first.status, first.replayed, second.replayed) == (201, False, True)
    assert (second.status, second.body, second.headers) == (first.status, first.body, first.headers)
    assert names() == ["Seaside"]


def test_another_request_with_the_same_key_is_refused() -> None:
    once(client="petra", key="k1", request="r", work=create)

    with pytest.raises(KeyReused):
        once(client="petra", key="k1", request="other", work=lambda: create("Other"))

    assert names() == ["Seaside"]


def test_a_key_belongs_to_its_client() -> None:
    once(client="petra", key="k1", request="r", work=create)

    answer = once(client="eve", key="k1", request="r", work=lambda: create("Hill"))

    assert (answer.replayed, names()) == (False, ["Hill", "Seaside"])


def test_a_refusal_is_not_stored_and_nothing_of_its_work_stays() -> None:
    refused = once(client="petra", key="k1", request="r", work=lambda: create("Half done", status=409))
    assert (refused.status, names(), IdempotencyRecord.objects.count()) == (409, [], 0)

    mended = once(client="petra", key="k1", request="mended", work=create)

    assert (mended.status, mended.replayed, names()) == (201, False, ["Seaside"])


def test_an_error_stores_nothing() -> None:
    def refuse() -> Answer:
        create("Half done")
        raise AlreadyTaken("Taken.")

    with pytest.raises(AlreadyTaken):
        once(client="petra", key="k1", request="r", work=refuse)

    assert (names(), IdempotencyRecord.objects.count()) == ([], 0)


def test_a_rollback_of_the_caller_takes_work_and_record_with_it() -> None:
    with rolled_back():
        once(client="petra", key="k1", request="r", work=create)

    assert (names(), IdempotencyRecord.objects.count()) == ([], 0)


def test_the_fingerprint_tells_method_path_and_body_apart() -> None:
    prints = {
        fingerprint("POST", "/bookings", b"{}"),
        fingerprint("POST", "/bookings", b"{ }"),
        fingerprint("POST", "/booking", b"s{}"),
        fingerprint("PUT", "/bookings", b"{}"),
    }

    assert len(prints) == 4
    assert fingerprint("POST", "/bookings", b"{}") in prints


def test_answers_are_forgotten_after_48_hours() -> None:
    once(client="petra", key="old", request="r", work=create)
    once(client="petra", key="new", request="r", work=create)
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - dt.timedelta(hours=48, seconds=1))
    IdempotencyRecord.objects.filter(key="new").update(created_at=timezone.now() - dt.timedelta(hours=47, minutes=59))

    assert idempotency.prune() == 1

    assert [record.key for record in IdempotencyRecord.objects.all()] == ["new"]
