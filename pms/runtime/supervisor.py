"""Runs children, shows what they say, starts dead ones again, and stops them all within five seconds."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from .output import Lines
from .privileges import PLAIN, Account
from .root import ROOT

FIRST_DELAY, LONGEST_DELAY, HEALTHY_AFTER = 0.5, 30.0, 60.0
# A program with a pulse may take so long until its first.
STARTING = 60.0
# A stop takes five seconds at most: the hotel's own processes first, then the servers they lean on.
PATIENCE, PATIENCE_WITH_SERVERS = 3.5, 4.6
GUARD = Path(__file__).with_name("_guard.py")


class Stopping(Exception):
    """A signal asked for the end."""


@dataclass(frozen=True)
class Child:
    """A program to keep running. A `server` is stopped after the others, and its log is a file."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    account: Account = PLAIN
    server: bool = False
    log: Path | None = None
    stop_signal: int = signal.SIGTERM
    kill_signal: int = signal.SIGKILL
    keep_open: tuple[int, ...] = ()
    # A file that is touched as long as this program does its work; one that hangs is killed and started again.
    pulse: Path | None = None
    patience: float = 60.0


@dataclass
class Running:
    """A child and its present process."""

    child: Child
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    restart_at: float | None = None
    pulse: int = 0
    pulse_seen: float = 0.0


@dataclass
class Supervisor:
    """Keeps children alive. All its methods belong to the main thread: death signals hang on the starting thread."""

    show: Callable[[str, str], None]
    changed: Callable[[], None] = lambda: None
    # Whether what the children lean on is there: a program that waits for the database does not hang.
    serving: Callable[[], bool] = lambda: True
    running: dict[str, Running] = field(default_factory=dict)
    signals: int = 0

    def __post_init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.settimeout(0)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._old_wakeup = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._old: dict[int, object] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` wants a hang-up ignored. A shell ignores the interrupt for what it starts with `&`; we do not.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                self._old[number] = signal.signal(number, self._on_signal)
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the loop
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD)], stdin=subprocess.PIPE, start_new_session=True
        )

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1

    def start(self, child: Child) -> None:
        """Start `child` and keep it running from now on."""
        one = self.running[child.name] = Running(child, self._spawn(child), time.monotonic())
        with contextlib.suppress(OSError):
            one.pulse = child.pulse.stat().st_mtime_ns if child.pulse else 0  # an earlier run's is no sign of this one
        self.changed()

    def run(self, child: Child) -> int:
        """Run `child` once to its end and return its exit code."""
        process = self._spawn(child)
        try:
            self.until(lambda: process.poll() is not None)
            self._drain()
        except BaseException:
            self._kill_session(process, child.kill_signal)
            raise
        self._forget(process)
        return process.returncode

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        log = child.log.open("ab") if child.log else None
        try:
            process = subprocess.Popen(
                child.account.wrap(child.command, die_with=child.kill_signal),
                env=dict(child.environment),
                # Celery puts the present folder in front of the import path: it must not be anybody's.
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log or subprocess.PIPE,
                stderr=log or subprocess.STDOUT,
                start_new_session=True,
                pass_fds=child.keep_open,
            )
        finally:
            if log:
                log.close()
        self._tell_guard(f"+{process.pid} {int(child.kill_signal)}\n")
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            lines = Lines(lambda line: self.show(child.name, line))
            self._selector.register(process.stdout, selectors.EVENT_READ, lines)
        return process

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin:
            with contextlib.suppress(OSError):
                self._guard.stdin.write(line.encode())
                self._guard.stdin.flush()

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind in its session
        self._tell_guard(f"-{process.pid}\n")

    def until(self, condition: Callable[[], bool], patience: float = float("inf")) -> bool:
        """Pump output and keep children alive until `condition`; False after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not condition():
            if self.signals:
                raise Stopping
            if time.monotonic() > deadline:
                return False
            self._turn(0.05 if patience != float("inf") else 1.0)
            self._kill_hung()
            self._restart_dead()
        return True

    def forever(self) -> None:
        """Keep the children alive until a signal."""
        self.until(lambda: False)

    def _turn(self, wait: float) -> None:
        """Wait for output, a signal or a dead child, and show what was said."""
        waiting = [one.restart_at for one in self.running.values() if one.restart_at is not None]
        if waiting:
            wait = max(0.0, min(wait, min(waiting) - time.monotonic()))
        for key, _ in self._selector.select(wait):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    while self._woken.recv(512):
                        pass
            elif not key.data.read(key.fd):
                self._selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # always the pipe of a child

    def _drain(self) -> None:
        """Show what the dead said last."""
        for _ in range(3):
            self._turn(0.01)

    def _kill_hung(self) -> None:
        """Kill whose pulse stood still for too long, although all that it needs is there."""
        now = time.monotonic()
        late = [one for one in self.running.values() if one.restart_at is None and self._is_late(one, now)]
        if not late:
            return
        if not self.serving():
            for one in late:
                one.pulse_seen = time.monotonic()  # its time begins when it could work again
            return
        for one in late:
            self.show(one.child.name, f"gave no sign of life for {one.child.patience:g} s; ending it")
            one.pulse_seen = time.monotonic()
            self._kill_session(one.process, one.child.kill_signal)

    def _is_late(self, one: Running, now: float) -> bool:
        if one.child.pulse is None:
            return False
        with contextlib.suppress(OSError):
            touched = one.child.pulse.stat().st_mtime_ns
            if touched != one.pulse:
                one.pulse, one.pulse_seen = touched, now
        if one.pulse_seen < one.started:  # not once yet: loading takes long on a busy machine
            return now - one.started > max(one.child.patience, STARTING)
        return now - one.pulse_seen > one.child.patience

    def _restart_dead(self) -> None:
        now = time.monotonic()
        for one in self.running.values():
            if one.restart_at is None and one.process.poll() is not None:
                self._forget(one.process)
                one.deaths = 1 if now - one.started > HEALTHY_AFTER else one.deaths + 1
                delay = min(FIRST_DELAY * 2 ** (one.deaths - 1), LONGEST_DELAY)
                one.restart_at = now + delay
                how = _ending(one.process.returncode)
                self.show(one.child.name, f"ended ({how}); starting again in {delay:g} s")
            elif one.restart_at is not None and now >= one.restart_at:
                one.process, one.started, one.restart_at = self._spawn(one.child), now, None
                self.changed()

    def stop(self) -> None:
        """Stop everything: the hotel's processes, then the servers; at once after a second signal."""
        began, hurry = time.monotonic(), self.signals + 1
        everyone = [one for one in self.running.values() if one.process.poll() is None]
        apps = [one for one in everyone if not one.child.server]
        servers = [one for one in everyone if one.child.server]
        for group, deadline in ((apps, began + PATIENCE), (servers, began + PATIENCE_WITH_SERVERS)):
            for one in group:
                one.process.send_signal(one.child.stop_signal)
            while any(one.process.poll() is None for one in group):
                if time.monotonic() > deadline or self.signals >= hurry:
                    break
                self._turn(0.05)
            self._drain()
            for one in group:
                if one.process.poll() is None:
                    self._kill_session(one.process, one.child.kill_signal)
                self._forget(one.process)
        self.running.clear()

    def _kill_session(self, process: subprocess.Popen[bytes], number: int) -> None:
        for sent, patience in ((number, 0.4), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(OSError):
                os.killpg(process.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                return

    def close(self) -> None:
        """Stop everything and give the signals back."""
        self.stop()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()
        signal.set_wakeup_fd(self._old_wakeup)
        for number, handler in self._old.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as signal.signal returned it
        self._selector.close()
        self._wake.close()
        self._woken.close()


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
