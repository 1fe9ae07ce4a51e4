"""The processes of a running hotel, as the supervisor starts them."""

from __future__ import annotations

import os
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
    command = [sys.executable, "-m", "pms.runtime.web", "--fd", str(listening), "--gate", str(gate)]
    return Child("web", command, _as(environment, "web"), keep_open=(listening, gate))


def worker(environment: Mapping[str, str], folder: Path) -> Child:
    """Background work; it shows that it moves by touching a file (pms.events.canary)."""
    pulse = folder / "canary"
    flags = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--concurrency", "2"]
    environment = {**_as(environment, "worker"), **QUIET, "CANARY_FILE": str(pulse)}
    return Child("worker", [*CELERY, "worker", *flags], environment, pulse=pulse, patience=_patience())


def beat(environment: Mapping[str, str], folder: Path) -> Child:
    """The clock of background work; when it stands, the worker's pulse does too."""
    flags = ["--loglevel", "WARNING", "--pidfile=", "--schedule", str(folder / "beat-schedule")]
    environment = {**_as(environment, "beat"), **QUIET}
    return Child("beat", [*CELERY, "beat", *flags], environment, pulse=folder / "canary", patience=_patience())


def _patience() -> float:
    """Return after how many seconds without a canary the workers hang; CANARY_LATE of the settings."""
    return float(os.environ.get("CANARY_LATE") or 6 * float(os.environ.get("CANARY_SECONDS") or 10))


def _as(environment: Mapping[str, str], process: str) -> dict[str, str]:
    return {**environment, "PMS_PROCESS": process, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
