"""The canary: what a worker's sign of life says, and who is told when it stays away."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from pms.accounts.alarms import look
from pms.accounts.models import User
from pms.events import canary
from pms.events.models import Canary
from pms.events.tasks import sing

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(settings: Any) -> str:
    found: str = settings.CANARY_QUEUES[0]
    return found


def silent_for(seconds: float, queue: str) -> None:
    Canary.objects.update_or_create(
        queue=queue, defaults={"arrived_at": timezone.now() - dt.timedelta(seconds=seconds)}
    )


def test_an_arrival_tells_when_and_how_long_it_took(queue: str, settings: Any, tmp_path: Path) -> None:
    settings.CANARY_FILE = str(tmp_path / "canary")
    headers: dict[str, Any] = {}
    canary.sent(headers=headers)
    headers[canary.SENT_AT] -= 3

    canary.arrived(queue=queue, headers=headers)

    [pulse] = canary.pulses()
    assert 3 <= (pulse.round_trip or 0) < 60
    assert (pulse.age < 60, pulse.slow) == (True, False)
    assert (tmp_path / "canary").exists()


def test_the_clock_says_when_it_sent_it(queue: str) -> None:
    """By the signal of Celery itself: what goes over the broker carries the time."""
    sent = {}
    with sing.app.connection_for_write() as line, line.SimpleQueue(f"{queue}.test") as box:
        sing.apply_async(args=[queue], queue=f"{queue}.test", connection=line)  # type: ignore[call-arg]  # celery-types lacks it
        message = box.get(timeout=10)
        sent = dict(message.headers)
        message.ack()

    assert abs(sent[canary.SENT_AT] - timezone.now().timestamp()) < 60


@pytest.mark.parametrize(("seconds", "slow"), [(0.5, False), (1.5, True)])
def test_it_is_slow_after_six_missed_canaries(queue: str, settings: Any, seconds: float, slow: bool) -> None:
    silent_for(seconds * settings.CANARY_LATE, queue)

    assert [pulse.slow for pulse in canary.pulses()] == [slow]


def test_administrators_are_told_once_for_each_outage(queue: str, settings: Any) -> None:
    User.objects.create_superuser("root@example.com", password="x", name="Root")
    User.objects.create_user("anna@example.com", name="Anna")
    silent_for(2 * settings.CANARY_LATE, queue)

    assert (len(look()), len(look())) == (1, 0)
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["root@example.com"], "Background work is slow")
    ]

    canary.arrived(queue=queue, headers={})
    assert look() == []
    silent_for(2 * settings.CANARY_LATE, queue)
    assert len(look()) == 1


def health(*options: str) -> tuple[int, dict[str, Any]]:
    out, code = StringIO(), 0
    try:
        call_command("health", *options, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue())


def test_the_probe_of_the_containers_judges_by_the_canary(queue: str, settings: Any) -> None:
    assert health()[0] == 0
    assert health("--worker")[0] == 1  # nothing ever came
    silent_for(1, queue)
    assert health("--worker")[0] == 0
    silent_for(2 * settings.CANARY_LATE, queue)
    assert health("--worker")[0] == 1


def test_without_redis_a_worker_is_not_started_anew(queue: str, settings: Any) -> None:
    silent_for(2 * settings.CANARY_LATE, queue)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert health("--worker") == (
        0,
        {"well": True, "parts": {"database": "ok", "migrations": "ok", "redis": "ConnectionError"}, "canary": {}},
    )
    assert health()[0] == 1
