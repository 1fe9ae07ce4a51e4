"""Finds a folder for Unix sockets whose path is short, plain and ours alone."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from .console import Refusal

# A socket's path ends at 107 bytes (Linux; macOS 103), and PostgreSQL adds `/.s.PGSQL.5432.lock` to the folder.
LONGEST_FOLDER = 80
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


def usable(folder: Path) -> bool:
    """Tell whether sockets may lie in `folder`: short, and without characters that URLs or lists would mangle."""
    text = str(folder)
    return len(os.fsencode(text)) <= LONGEST_FOLDER and PLAIN_PATH.fullmatch(text) is not None


def socket_folder(data: Path) -> Path:
    """Return the private folder for the sockets of the data folder `data`, made if it is missing."""
    inside = data / "run"
    if usable(inside):
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside
    name = f"pms-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    parent = Path(runtime) if runtime and usable(Path(runtime) / name) else Path(tempfile.gettempdir())
    if not usable(parent / name):
        parent = Path("/tmp")  # noqa: S108 - the folder below is checked to be ours
    return owned_folder(parent / name)


def owned_folder(folder: Path) -> Path:
    """Return `folder` made with mode 0700, or refuse if somebody else put something there first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Refusal(f"{folder} belongs to somebody else. Nothing was started; remove it or choose another --data.")
    folder.chmod(0o700)
    return folder
