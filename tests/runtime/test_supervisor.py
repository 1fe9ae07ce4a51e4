"""A program that hangs is ended and started again by its pulse; one that waits for its servers is left alone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pms.runtime.supervisor import Child, Supervisor

TOUCHES = "import pathlib, sys, time\nwhile True:\n    pathlib.Path(sys.argv[1]).touch()\n    time.sleep(0.1)\n"
PATIENCE = 1.5


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor that shows nothing."""
    made = Supervisor(lambda _name, _line: None)
    yield made
    made.close()


def start(supervisor: Supervisor, pulse: Path, *, watched: bool = True) -> int:
    """Start a program with a pulse, wait for the first, and return its process."""
    command = [sys.executable, "-c", TOUCHES, str(pulse)]
    supervisor.start(Child("heart", command, dict(os.environ), pulse=pulse if watched else None, patience=PATIENCE))
    assert supervisor.until(pulse.exists, 30)
    return supervisor.running["heart"].process.pid


def is_another(supervisor: Supervisor, pid: int, *, within: float) -> bool:
    """Tell whether another process took the place of `pid` in time."""
    return supervisor.until(lambda: supervisor.running["heart"].process.pid != pid, within)


def test_a_stopped_program_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    pid = start(supervisor, tmp_path / "pulse")
    os.kill(pid, signal.SIGSTOP)

    assert is_another(supervisor, pid, within=30)
    (tmp_path / "pulse").unlink()
    assert supervisor.until((tmp_path / "pulse").exists, 30)


def test_a_living_one_is_left_alone(supervisor: Supervisor, tmp_path: Path) -> None:
    pid = start(supervisor, tmp_path / "pulse")

    assert not is_another(supervisor, pid, within=3 * PATIENCE)


def test_control_without_a_pulse_it_hangs_for_good(supervisor: Supervisor, tmp_path: Path) -> None:
    pid = start(supervisor, tmp_path / "pulse", watched=False)
    os.kill(pid, signal.SIGSTOP)

    assert not is_another(supervisor, pid, within=3 * PATIENCE)
    os.kill(pid, signal.SIGCONT)


def test_while_its_servers_are_away_nobody_is_ended(supervisor: Supervisor, tmp_path: Path) -> None:
    pid = start(supervisor, tmp_path / "pulse")
    supervisor.serving = lambda: False
    os.kill(pid, signal.SIGSTOP)

    assert not is_another(supervisor, pid, within=3 * PATIENCE)
    supervisor.serving = lambda: True
    assert is_another(supervisor, pid, within=30)


def test_one_that_is_still_loading_is_left_alone(supervisor: Supervisor, tmp_path: Path) -> None:
    pulse = tmp_path / "pulse"
    pulse.touch()  # of an earlier run
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    supervisor.start(Child("heart", command, dict(os.environ), pulse=pulse, patience=PATIENCE))

    assert not is_another(supervisor, supervisor.running["heart"].process.pid, within=3 * PATIENCE)
