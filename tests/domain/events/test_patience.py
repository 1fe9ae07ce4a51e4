"""While the database is away the worker says so once, and once that it is back; its own faults it always tells."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Task
from django.db import connection

from pms.celery import app
from pms.core.db_errors import is_away
from pms.events.patience import PatientTask

ASK = "SELECT 1"


@pytest.fixture
def sweep() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Run some work as the task of a worker."""

    @app.task(name="tests.sweep")
    def task(work: Callable[[], Any]) -> Any:
        return work()

    yield lambda work: task.apply(args=[work])
    app.tasks.pop("tests.sweep")


def asked() -> None:
    """Ask the database."""
    with connection.cursor() as cursor:
        cursor.execute(ASK)


def asked_in_vain() -> None:
    """Ask a database that is not there: nobody listens at this port."""
    away = connection.copy()
    away.settings_dict = {**away.settings_dict, "HOST": "127.0.0.1", "PORT": "1", "OPTIONS": {"connect_timeout": 1}}
    with away.cursor() as cursor:
        cursor.execute(ASK)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the events and the levels of the lines, and whether there is a traceback."""
    names = ((one.msg["event"] if isinstance(one.msg, dict) else one.name, one) for one in caplog.records)
    return [f"{name} {line.levelname}{' traceback' if line.exc_info else ''}" for name, line in names]


@pytest.mark.django_db
def test_an_outage_is_two_lines_however_many_sweeps_it_lasts(sweep: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    for work in (asked, asked_in_vain, asked_in_vain, asked_in_vain, asked, asked):
        sweep(work)
    assert said(caplog) == ["database.away WARNING", "database.back WARNING"]

    sweep(asked_in_vain)
    sweep(asked)
    assert said(caplog) == ["database.away WARNING", "database.back WARNING"] * 2


def test_control_a_plain_task_writes_a_traceback_each_time(sweep: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    plain = app.task(name="tests.plain", base=Task)(asked_in_vain)

    for _ in range(2):
        plain.apply()

    assert said(caplog) == ["celery.app.trace ERROR traceback"] * 2
    app.tasks.pop("tests.plain")


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_each_time(sweep: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    def fails() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing")

    results = [sweep(work) for work in (lambda: 1 / 0, fails)]

    assert said(caplog) == ["celery.app.trace ERROR traceback"] * 2
    assert not any(is_away(result.result) for result in results)


def test_the_tasks_of_the_house_are_patient() -> None:
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]

    assert len(ours) >= 5 and all(isinstance(task, PatientTask) for task in ours)
