"""The data folder: one start at a time, its layout's number, and the installation's secrets."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from .console import Refusal
from .root import ROOT

FORMAT = 1
# A command that looks whether we live holds the lock for a moment; a second start holds it for hours.
PATIENCE = 0.3


def data_folder(chosen: str | None) -> Path:
    """Return the data folder: the option, PMS_DATA, or `.data` in the checkout."""
    named = chosen or os.environ.get("PMS_DATA")
    return Path(named).expanduser().absolute() if named else ROOT / ".data"


def new_secrets() -> dict[str, str]:
    """Return fresh secrets, by the name of the setting that reads each."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AUDIT_HEAD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


class DataFolder:
    """An open data folder; nobody else has it open."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        try:
            foreign = self.path.exists() and any(self.path.iterdir()) and not (self.path / "format").exists()
        except NotADirectoryError as error:
            raise Refusal(
                f"{self.path} is a file, not a folder. Nothing was started; give another with --data."
            ) from error
        if foreign and not (self.path / "lock").exists():
            raise Refusal(
                f"{self.path} holds files that are not the hotel's. Nothing was started and nothing was touched; "
                "give a new or empty folder with --data."
            )
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self._lock = (self.path / "lock").open("ab")
        self._take_lock()
        self._check_format()
        for name in ("log", "mail", "media"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()

    def _take_lock(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                self._lock.close()
                raise Refusal(
                    f"The hotel already runs on {self.path}{self._where()}. Nothing was started; stop the other one "
                    "with Ctrl-C, or give another folder with --data and another --port."
                ) from None
            return

    def _where(self) -> str:
        try:
            return f" at {json.loads((self.path / 'run.json').read_text())['url']}"
        except (OSError, ValueError, KeyError):
            return ""

    def _check_format(self) -> None:
        marker = self.path / "format"
        try:
            found = int(marker.read_text())
        except FileNotFoundError:
            marker.write_text(f"{FORMAT}\n")
            return
        except ValueError:
            found = -1
        if found != FORMAT:
            way = "start it with the version that made it" if found > FORMAT else "see the changelog for how to move it"
            raise Refusal(
                f"{self.path} has layout {found}, and this version knows layout {FORMAT} only. Nothing was started "
                f"and nothing was changed; {way}, or give another folder with --data."
            )

    def secrets(self) -> dict[str, str]:
        """Return the installation's secrets, made at the first start."""
        file = self.path / "secrets.json"
        try:
            known: dict[str, str] = json.loads(file.read_text())
        except FileNotFoundError:
            known = {}
        except ValueError as error:
            raise Refusal(
                f"{file} cannot be read as JSON, and without its keys stored card and guest data stay closed. "
                "Nothing was started; restore it from a backup."
            ) from error
        # A later version may need one more; those that are there never change.
        found = new_secrets() | known
        if found != known:
            self.write_private("secrets.json", found)
        return found

    def write_private(self, name: str, content: object) -> None:
        """Write `content` as JSON for our eyes only; a reader sees the old file or the new, never half of one."""
        fresh = self.path / f"{name}.new"
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / name)
