"""Lets a Django command find the services that `manage.py up` runs on the same data folder."""

from __future__ import annotations

import fcntl
import json
import os
import warnings
from pathlib import Path

from .console import Refusal
from .postgres import clean_environment

# Commands that look at the code alone. Everything else talks to the hotel's data sooner or later.
WITHOUT_SERVICES = frozenset({
    "--help", "-h", "--version", "help", "version", "check", "collectstatic", "compilemessages", "diffsettings",
    "findstatic", "makemessages", "makemigrations", "openapi", "ota_sandbox", "spectacular", "startapp",
})  # fmt: skip
# Commands that change tables need the role that owns them.
AS_OWNER = frozenset({"migrate", "flush", "prepare", "createcachetable", "sqlflush"})
UNUSED = {
    "SECRET_KEY": "for-commands-that-look-at-the-code-alone",
    "FIELD_ENCRYPTION_KEYS": "Y29tbWFuZHMtdGhhdC1sb29rLWF0LXRoZS1jb2RlISE=",
    "DATABASE_URL": "postgres://nobody@/none?host=/nonexistent",
    "REDIS_URL": "unix:///nonexistent/redis.sock?db=0",
}


def enter(argv: list[str], folder: Path) -> None:
    """Set the environment for the Django command in `argv`, or refuse if it needs services and none run."""
    name = argv[1] if len(argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pms.settings.base")
    os.environ.setdefault("PMS_DATA", str(folder))
    os.environ.setdefault("PMS_PROCESS", "owner" if name in AS_OWNER else "command")
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    running = running_environment(folder)
    if running is None and (name in WITHOUT_SERVICES or "--help" in argv or "-h" in argv):
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
        running = UNUSED
    if running is None:
        raise Refusal(
            f"Nothing runs on the data folder {folder}, so `{name}` was not started. Start the hotel with "
            "`python3 manage.py up`, name another folder with --data, or set DATABASE_URL and REDIS_URL."
        )
    for variable in set(os.environ) - set(clean_environment()):
        del os.environ[variable]
    for variable, value in running.items():
        os.environ.setdefault(variable, value)


def running_environment(folder: Path) -> dict[str, str] | None:
    """Return the environment of the services running on `folder`, or None when nothing runs there."""
    if not lives(folder):
        return None
    try:
        state = json.loads((folder / "run.json").read_text())
        environment: dict[str, str] = state["environment"]
        environment.update(json.loads((folder / "secrets.json").read_text()))
    except PermissionError as error:
        raise Refusal(
            f"{error.filename} may be read by the user that runs the hotel only. Nothing was done."
        ) from error
    except (OSError, ValueError, KeyError):
        return None  # it is just starting or stopping
    return environment


def lives(folder: Path) -> bool:
    """Tell whether an `up` holds the folder: its lock is the truth; numbers of processes come round again."""
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
