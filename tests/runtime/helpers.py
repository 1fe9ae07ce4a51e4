"""What the tests of the runtime say often: a started hotel, its descendants, waiting for something true."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pms.runtime.postgres import clean_environment

OURS = re.compile(r"^(DATABASE_|REDIS_URL|SECRET_KEY|FIELD_ENCRYPTION|PMS_|DJANGO_|PYTEST_)")


def bare_environment(**more: str) -> dict[str, str]:
    """Return our environment without what the test run set, so that `up` starts servers of its own."""
    return {name: value for name, value in clean_environment().items() if not OURS.match(name)} | more


@dataclass
class Up:
    """A running `manage.py up`."""

    process: subprocess.Popen[str]
    data: Path
    url: str
    output: Path

    def state(self) -> dict[str, Any]:
        """Return what it tells other commands."""
        found: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return found

    def said(self) -> str:
        """Return what it has printed."""
        return self.output.read_text()

    def everyone(self) -> list[psutil.Process]:
        """Return it and all that descends from it."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def interrupt(self) -> float:
        """Press Ctrl-C, wait, and return the seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - started


def eventually(condition: Callable[[], Any], patience: float = 20.0) -> Any:
    """Wait for something true and return it."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number: int = probe.getsockname()[1]
        return number
