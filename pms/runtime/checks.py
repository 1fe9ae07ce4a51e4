"""`manage.py lint`: all that can be judged without running the hotel, each tool to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .bootstrap import ROOT
from .console import say

BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, list[str | Path]], ...] = (
    ("ruff", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("imports", [BIN / "lint-imports"]),
    ("templates", [BIN / "djlint", "templates", "--lint"]),
    ("migrations", [sys.executable, ROOT / "manage.py", "makemigrations", "--check", "--dry-run"]),
)


def main(arguments: Sequence[str]) -> int:
    """Run the checks (or those named), quiet where all is well; return 1 if any is red."""
    red: list[str] = []
    for name, command in CHECKS:
        if arguments and name not in arguments:
            continue
        started = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        say(f"{'ok ' if done.returncode == 0 else 'RED'} {name:<10} {time.monotonic() - started:5.1f} s")
        if done.returncode != 0:
            red.append(name)
            say(done.stdout.rstrip())
    if red:
        say(f"Static checks are red: {', '.join(red)}.")
    return 1 if red else 0
