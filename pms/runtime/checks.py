"""`manage.py lint`: all that can be judged without running the hotel, each tool to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .console import say
from .root import ROOT

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
    """Run the checks (or those named), two at a time, quiet where all is well; return 1 if any is red."""
    chosen = [check for check in CHECKS if not arguments or check[0] in arguments]
    with ThreadPoolExecutor(max_workers=2) as pool:
        # The type checker takes longest, so it starts first; the results come in the usual order.
        running = {name: pool.submit(_check, command) for name, command in sorted(chosen, key=_slowest_first)}
    red: list[str] = []
    for name, _ in chosen:
        code, seconds, said = running[name].result()
        say(f"{'ok ' if code == 0 else 'RED'} {name:<10} {seconds:5.1f} s")
        if code != 0:
            red.append(name)
            say(said)
    if red:
        say(f"Static checks are red: {', '.join(red)}.")
    return 1 if red else 0


def _slowest_first(check: tuple[str, list[str | Path]]) -> bool:
    return check[0] != "types"


def _check(command: Sequence[str | Path]) -> tuple[int, float, str]:
    """Run one tool; return its exit code, the seconds and what it said."""
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
    return done.returncode, time.monotonic() - started, done.stdout.rstrip()
