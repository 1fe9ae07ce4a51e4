"""Collects style sheets, scripts and pictures into the data folder, only when they have changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from .bootstrap import ROOT
from .environment import LOCKS


class StaticFiles:
    """The collected files of one data folder, made beside the old ones and swapped in whole."""

    def __init__(self, folder: Path) -> None:
        self.ready = folder / "static"
        self.fresh = folder / "static.new"
        self._stamp = folder / "static.stamp"
        self._wanted = fingerprint()

    def current(self) -> bool:
        """Tell whether nothing has to be done."""
        return self.ready.is_dir() and self._stamp.exists() and self._stamp.read_text() == self._wanted

    def begin(self) -> None:
        """Forget an interrupted attempt."""
        shutil.rmtree(self.fresh, ignore_errors=True)

    def finish(self) -> None:
        """Put the new files in the place of the old."""
        shutil.rmtree(self.ready, ignore_errors=True)
        self.fresh.rename(self.ready)
        self._stamp.write_text(self._wanted)


def fingerprint() -> str:
    """Return a text that changes with any of our files, with the packages, and with the way of collecting."""
    found = hashlib.sha256(LOCKS["production"].read_bytes())
    found.update((ROOT / "pms/settings/base.py").read_bytes())
    for path in sorted(_files()):
        about = path.stat()
        found.update(f"{path.relative_to(ROOT)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for pattern in ("static", "*/static", "*/*/static"):
        for folder in ROOT.glob(pattern):
            if not folder.relative_to(ROOT).parts[0].startswith("."):
                yield from (path for path in folder.rglob("*") if path.is_file())
