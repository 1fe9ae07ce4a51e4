"""The processes of a running hotel, as the supervisor starts them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from .postgres import clean_environment
from .root import ROOT
from .services import Service
from .supervisor import Child

MANAGE = [sys.executable, str(ROOT / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "-q", "-A", "pms.celery", "--workdir", str(ROOT)]
# True, but no news: the tasks come from our own Redis and their serializer is JSON.
QUIET = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}


def server(service: Service) -> Child:
    """An embedded server; its words go to a log file."""
    return Child(
        name=service.name,
        command=service.command,
        environment=clean_environment(),
        account=service.account,
        server=True,
        log=service.log,
        stop_signal=service.stop_signal,
        kill_signal=service.kill_signal,
    )


def django(name: str, environment: Mapping[str, str], *arguments: str, process: str) -> Child:
    """A Django command."""
    return Child(name, [*MANAGE, *arguments], _as(environment, process))


def web(environment: Mapping[str, str], listening: int, gate: int) -> Child:
    """The web server on a socket that we hold; it serves once the gate is open."""
    command = [sys.executable, "-m", "pms.runtime.web", str(listening), str(gate)]
    return Child("web", command, _as(environment, "web"), keep_open=(listening, gate))


def worker(environment: Mapping[str, str]) -> Child:
    """Background work."""
    flags = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--concurrency", "2"]
    return Child("worker", [*CELERY, "worker", *flags], {**_as(environment, "worker"), **QUIET})


def beat(environment: Mapping[str, str], folder: Path) -> Child:
    """The clock of background work."""
    flags = ["--loglevel", "WARNING", "--pidfile=", "--schedule", str(folder / "beat-schedule")]
    return Child("beat", [*CELERY, "beat", *flags], {**_as(environment, "beat"), **QUIET})


def _as(environment: Mapping[str, str], process: str) -> dict[str, str]:
    return {**environment, "PMS_PROCESS": process, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
