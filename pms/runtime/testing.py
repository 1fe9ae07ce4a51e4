"""Fixtures for tests/conftest.py: one migrated database cloned for each worker, and a real server in front of it."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from .privileges import PLAIN
from .pytest_plugin import FOLDER_VARIABLE
from .root import ROOT

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

TEMPLATE = "pms_test_template"


def worker_database() -> str:
    """Return the name of this worker's own database."""
    return f"test_pms_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def with_database(url: str, name: str) -> str:
    """Return `url` pointing at the database `name`."""
    parts = urlsplit(url)
    text = urlunsplit(parts._replace(path=f"/{name}"))
    # urlunsplit drops an empty host (`postgres://role@/name`); libpq wants the slashes.
    return text if "://" in text else text.replace(":/", ":///", 1)


@contextmanager
def _one_at_a_time() -> Iterator[Path]:
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _administer(*statements: str) -> None:
    """Run `statements` on the maintenance database, outside any transaction."""
    import psycopg

    with psycopg.connect(with_database(os.environ["DATABASE_OWNER_URL"], "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def template_database() -> str:
    """Return the name of the migrated template, made by whichever worker comes first. Call under the lock."""
    from django.core.management import call_command
    from django.db import connection

    done = Path(os.environ[FOLDER_VARIABLE]) / "template.done"
    if not done.exists():
        _administer(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE}")
        connection.close()
        connection.settings_dict["NAME"] = TEMPLATE
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        done.touch()
    return TEMPLATE


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Replace pytest-django's: clone the template instead of migrating in each worker."""
    from django.db import connection

    name = worker_database()
    os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    with django_db_blocker.unblock(), _one_at_a_time():
        template = template_database()
        # A copy of files, not of pages through the log: 41 MB in 0.1 s.
        _administer(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy",
        )
        connection.close()
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock(), suppress(Exception):
        connection.close()
        _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def server_environment(url: str) -> dict[str, str]:
    """Return the environment of a server process that works on this worker's database as the restricted role."""
    owner = os.environ["DATABASE_OWNER_URL"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "pms.settings.test",
        "DATABASE_URL": with_database(os.environ.get("DATABASE_APP_URL", owner), worker_database()),
        "DATABASE_OWNER_URL": with_database(owner, worker_database()),
        "PMS_PROCESS": "web",
        "SITE_URL": url,
        "PYTHONUNBUFFERED": "1",
    }


def answers(url: str) -> bool:
    """Tell whether anything but a failure comes back from `url`."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http address
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


@contextmanager
def live_server(application: str = "pms.asgi:application") -> Iterator[str]:
    """Run the real web server on a port that the system chose and yield its address."""
    log = Path(os.environ[FOLDER_VARIABLE]) / f"web-{worker_database()}.log"
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("ab") as output:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        number = listening.fileno()
        command = [sys.executable, "-m", "pms.runtime.web", "--fd", str(number), "--application", application]
        process = subprocess.Popen(
            PLAIN.wrap(command, die_with=signal.SIGKILL),
            pass_fds=[number],
            cwd=ROOT,
            env=server_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            deadline = time.monotonic() + 60
            while not answers(f"{url}/healthz"):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The live server did not start:\n{log.read_text(errors='replace')[-4000:]}")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(3)
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def live_server_url(django_db_setup: Any) -> Iterator[str]:
    """The address of the real web server that serves this worker's database; tests using it need `transactional_db`."""
    with live_server() as url:
        yield url
