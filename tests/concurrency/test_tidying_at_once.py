"""Several workers tidy at the same moment: what each of them finds is done once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models import QuerySet
from django.utils import timezone

from pms.accounts import letters, support
from pms.accounts.letters import letter_write, letters_send
from pms.accounts.models import Letter, SupportVisit, User
from pms.core.models import AuditEntry
from properties.models import Property
from tests.factories.properties import make_user
from tests.race import errors_of, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 4
LETTERS = 40


@pytest.fixture
def visit(hotel: Property, olga: User) -> SupportVisit:
    """A visit of the support whose time is over."""
    now = timezone.now()
    return SupportVisit.objects.create(
        property_id=hotel.pk,
        supporter=make_user(name="Sam Support"),
        user=olga,
        reason="The room plan shows last week only",
        started_at=now - timedelta(hours=1),
        ends_at=now - timedelta(minutes=1),
    )


def ends_told() -> int:
    """Return how often the log tells of the end of a visit."""
    return AuditEntry.objects.filter(act="support.ran_out").count()


def test_the_end_of_a_visit_is_told_once(visit: SupportVisit) -> None:
    results = together(*[support.visits_end] * WORKERS)

    assert errors_of(results) == []
    assert ends_told() == 1


def test_control_without_the_lock_it_is_told_twice(visit: SupportVisit, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting, record = threading.Barrier(2), support.record_act

    def record_together(**facts: Any) -> Any:
        meeting.wait(20)
        return record(**facts)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(support, "record_act", record_together)
    # The row lock of the first save would hold the second back until the commit: both save afterwards.
    monkeypatch.setattr(SupportVisit, "save", lambda *_row, **_options: None)

    assert errors_of(together(support.visits_end, support.visits_end)) == []
    assert ends_told() == 2


def write_letters() -> None:
    for number in range(LETTERS):
        letter_write(subject=str(number), text="Good day", to=["anna@sea.example"])


def test_each_letter_goes_out_once(db: None) -> None:
    write_letters()

    results = together(*[letters_send] * WORKERS)

    assert errors_of(results) == [] and sum(results) == LETTERS
    assert Counter(one.subject for one in mail.outbox) == Counter(str(number) for number in range(LETTERS))
    assert not Letter.objects.exists()


def test_control_without_a_claim_some_go_out_twice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> Letter | None:
        letter = Letter.objects.order_by("due_at").first()
        time.sleep(0.005)
        return letter

    write_letters()
    monkeypatch.setattr(letters, "_claim", look)

    together(*[letters_send] * WORKERS)

    assert max(Counter(one.subject for one in mail.outbox).values()) > 1
