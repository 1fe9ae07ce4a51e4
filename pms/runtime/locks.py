"""Refreshes the hashed lock files from pyproject.toml (`manage.py lock`)."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from .console import Refusal, say
from .environment import LOCKS, VENV
from .installer import INSTALLER_LOCK, uv_environment
from .root import ROOT

UV = "uv==0.13.9"
# No address of a registry may stand in a lock file: it is another one on the next machine.
COMMON = (
    "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--universal",
    "--python-version", "3.11", "--upgrade",
)  # fmt: skip


def refresh() -> int:
    """Write the four lock files anew and say which changed."""
    production, embedded, _ = (str(path.relative_to(ROOT)) for path in LOCKS.values())
    _compile(LOCKS["production"], "pyproject.toml")
    _compile(LOCKS["embedded"], "--group", "embedded", "-c", production)
    # All three may stand in one environment, so the later ones follow the earlier.
    _compile(LOCKS["dev"], "--group", "dev", "-c", production, "-c", embedded)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "installer.in").write_text(f"{UV}\n")
        _compile(INSTALLER_LOCK, str(Path(folder) / "installer.in"), "--no-annotate")
    return 0


def _compile(target: Path, *arguments: str) -> None:
    command: list[str | Path] = [VENV / "bin/uv", "pip", "compile", "-q", *COMMON, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=uv_environment(VENV, local=False), capture_output=True, text=True, check=False
    )
    name = target.relative_to(ROOT)
    if done.returncode != 0:
        raise Refusal(f"{name} was not changed, because no set of packages fits:\n{done.stderr.strip()}")
    if re.search(r"https?://|file://", done.stdout):
        raise Refusal(
            f"{name} was not changed: the new one would name a registry's address, which may not be committed."
        )
    before = target.read_text() if target.exists() else ""
    target.write_text(done.stdout)
    say(f"{name}: {'unchanged' if before == done.stdout else 'refreshed'}")
