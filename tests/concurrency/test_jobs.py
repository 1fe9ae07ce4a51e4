"""Bulk work and workers that die, or meet: no line is done twice, none is left out. The control commits too early."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from pms.api.models import Job, JobChunk
from pms.api.services import jobs as services
from pms.api.services.jobs import job_run
from pms.core.crashpoints import VARIABLE
from properties.models import Property
from reservations.api.jobs import BOOKINGS
from reservations.models import Booking, RatePlan
from tests.domain.events import house
from tests.factories.api import make_job
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.factories.reservations import open_for_sale
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parent.parent.parent
LINES = 4 * BOOKINGS.chunk + 2
# A worker that takes the job and dies at the armed point.
WORKER = """
import django, sys, uuid
django.setup()
from pms.api.services import jobs
if len(sys.argv) > 2:
    exec(sys.argv[2])
jobs.job_run(job_id=uuid.UUID(sys.argv[1]), seconds=600)
"""
# The guard off: the bookings are committed before it is noted that they were made.
TOO_EARLY = """
import threading
from django.db import connection
real = jobs._work
def apart(*args):
    found = []
    def there():
        found.append(real(*args))
        connection.close()
    other = threading.Thread(target=there)
    other.start(); other.join()
    return found[0]
jobs._work = apart
"""


@pytest.fixture
def sea(transactional_db: Any) -> Property:
    return open_for_sale(make_hotel(rooms=SMALL_HOUSE), nights=LINES + 5)


@pytest.fixture
def job(sea: Property) -> Job:
    """An import of bookings, one a night."""
    kind, plan = sea.room_types.get(code="DBL"), RatePlan.objects.get(property=sea, code="BAR")
    with transaction.atomic():
        return make_job(hotel=sea, kind="bookings", lines=[line(sea, kind.pk, plan.pk, day) for day in range(LINES)])


def line(sea: Property, kind: Any, plan: Any, day: int) -> dict[str, Any]:
    night = sea.business_date.toordinal() + day
    arrival, departure = (type(sea.business_date).fromordinal(night + more).isoformat() for more in (0, 1))
    stay = {"room_type": str(kind), "rate_plan": str(plan), "arrival": arrival, "departure": departure, "adults": 1}
    return {"booker": {"last_name": f"Guest {day:02}"}, "reservations": [stay]}


def killed_at(point: str, job: Job, *patch: str) -> None:
    """Let a worker of its own process take the job and die there."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(job.pk), *patch],
        cwd=ROOT,
        env=house.environment(**{VARIABLE: point}),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()[-2000:]


def booked() -> Counter[str]:
    return Counter(Booking.objects.values_list("booker__last_name", flat=True))


@pytest.mark.parametrize(("point", "survive"), [("job.chunk_worked", 0), ("job.chunk_done", BOOKINGS.chunk)])
def test_a_killed_worker_leaves_no_line_half_done_and_the_next_one_goes_on(job: Job, point: str, survive: int) -> None:
    killed_at(point, job)
    assert Booking.objects.count() == survive

    assert job_run(job_id=job.pk, seconds=600).status == "succeeded"

    assert booked() == Counter(f"Guest {day:02}" for day in range(LINES))
    assert not any(JobChunk.objects.values_list("errors", flat=True))


def test_control_lines_that_are_committed_before_their_mark_are_done_twice(job: Job) -> None:
    killed_at("job.chunk_worked", job, TOO_EARLY)

    job_run(job_id=job.pk, seconds=600)

    assert set(booked().values()) == {1, 2}


def test_two_workers_at_one_job_do_each_line_once(job: Job) -> None:
    found = together(*[lambda: job_run(job_id=job.pk, seconds=600).status] * 3)

    assert found == ["succeeded"] * 3
    assert booked() == Counter(f"Guest {day:02}" for day in range(LINES))


def test_control_without_the_lock_of_the_job_lines_are_done_twice(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: both read the same chunk before either has marked it."""
    import threading

    both, real, met = threading.Barrier(2), services._work, threading.local()

    def meeting(*args: Any) -> Any:
        if not getattr(met, "once", False):
            met.once = True
            both.wait(30)
        return real(*args)

    monkeypatch.setattr(services, "job_for_update", lambda pk: Job.objects.select_related("client__user").get(pk=pk))
    monkeypatch.setattr(services, "_work", meeting)

    together(*[lambda: job_run(job_id=job.pk, seconds=0)] * 2)

    assert max(booked().values()) == 2
