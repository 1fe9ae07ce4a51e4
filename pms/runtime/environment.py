"""The Python environment: which locked packages a command needs, and making `.venv` hold exactly those."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Refusal, say
from .root import ROOT

VENV = ROOT / ".venv"
STAMP = VENV / "pms-environment.json"
LOCKS = {
    "production": ROOT / "requirements.lock",
    "embedded": ROOT / "pms/runtime/embedded.lock",
    "dev": ROOT / "tests/requirements.lock",
}


def groups_for(command: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the groups of packages that `command` needs."""
    if command in ("test", "lint", "messages"):
        return ("production", "embedded", "dev")
    if command == "up" and not {"-h", "--help"} & set(arguments):
        served = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
        return ("production",) if served else ("production", "embedded")
    return ("production",)


def ensure(groups: Sequence[str]) -> str | None:
    """Make the packages of `groups` importable; return the Python to restart with, or None if this one will do."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not inside and all(_importable(group) for group in groups):
        return None  # a container or an activated environment: its owner decides what is in it
    if not _stamped(groups):
        with _one_at_a_time():
            if not _stamped(groups):
                _install(groups)
    return None if inside else str(VENV / "bin/python")


def _importable(group: str) -> bool:
    """Tell whether every package of the lock file (those for all platforms) is installed for this Python."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==[^; ]+ \\$", LOCKS[group].read_text(), re.MULTILINE)
    try:
        return bool(names) and all(importlib.metadata.distribution(name) for name in names)
    except importlib.metadata.PackageNotFoundError:
        return False


def _hashes(groups: Sequence[str]) -> dict[str, str]:
    return {group: hashlib.sha256(LOCKS[group].read_bytes()).hexdigest() for group in groups}


def _stamp() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _stamped(groups: Sequence[str]) -> bool:
    stamp = _stamp()
    return all(stamp.get(group) == value for group, value in _hashes(groups).items())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the checkout's lock: the folder itself, so no lock file lies about."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command is preparing the environment; waiting for it …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _install(groups: Sequence[str]) -> None:
    """Make or refresh the environment so that it holds `groups` and whatever was asked for before."""
    started = time.monotonic()
    say("Preparing the Python environment in .venv (once; the packages are fetched and checked) …")
    from .installer import UNFINISHED, fill, make_environment

    unfinished = VENV / UNFINISHED
    wanted = [name for name in LOCKS if name in groups or name in _stamp()]
    try:
        foreign = not STAMP.exists()  # a developer's own: what else it holds is kept
        if unfinished.exists() or not _runs(VENV / "bin/python"):
            make_environment(VENV)
            foreign = False
        STAMP.unlink(missing_ok=True)
        # An interrupted installation may leave half a package that looks whole: the next call starts afresh.
        unfinished.touch()
        fill(VENV, [LOCKS[name] for name in wanted], keep_others=foreign)
        _make_checkout_importable()
        STAMP.write_text(json.dumps(_hashes(wanted)))
        unfinished.unlink()
    except OSError as error:
        raise Refusal(
            f"The environment .venv could not be prepared: {error.strerror or error} ({error.filename}). "
            "Nothing was started; put it right and give the same command again."
        ) from error
    os.environ["PMS_STARTED"] = str(time.time())  # the installation is told apart from the start
    say(f"Environment ready in {time.monotonic() - started:.1f} s")


def _runs(python: Path) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", f"import sys; sys.exit(sys.version_info < {sys.version_info[:2]!r})"],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _make_checkout_importable() -> None:
    """Let `.venv/bin/pytest` and `celery` find `pms` from any folder, as `manage.py` does."""
    for packages in VENV.glob("lib/python3*/site-packages"):
        (packages / "pms-checkout.pth").write_text(f"{ROOT}\n")
