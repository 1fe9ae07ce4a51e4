"""`manage.py test`: the static checks, then all tests, on a machine that has nothing but Python.

What takes an hour (crashes by the thousand, soaks, a million rows) is marked `nightly` and runs by `--nightly`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from . import checks, chromium
from .console import say
from .root import ROOT

PASSED, NOTHING_COLLECTED = 0, 5
# A running Playwright leaves an event loop in the main thread that breaks asynchronous tests: processes of their own.
# There a file stays together, since it may open a whole hotel; and what measures a person's seconds runs alone.
PARTS = (
    ("-n", "2", "-m", "not nightly and not browser and not alone"),
    ("-n", "2", "--dist", "loadfile", "-m", "not nightly and browser and not alone"),
    ("-m", "not nightly and alone"),
)
# They measure the machine: one after the other.
NIGHTLY_PARTS = (("-m", "nightly and not browser"), ("-m", "nightly and browser"))
OPTIONS = {"--no-lint", "--nightly"}


def main(arguments: Sequence[str]) -> int:
    """Run every check of a change, or every nightly one; with arguments, one pytest call with these."""
    rest = [argument for argument in arguments if argument not in OPTIONS]
    nightly = "--nightly" in arguments
    os.environ["PMS_CHROMIUM"] = str(chromium.ensure())
    chromium.ensure_driver()
    if rest:
        return pytest([*(["-m", "nightly"] if nightly else []), *rest])
    lint = 0 if nightly or "--no-lint" in arguments else checks.main([])
    codes = [pytest(part) for part in (NIGHTLY_PARTS if nightly else PARTS)]
    if all(code == NOTHING_COLLECTED for code in codes):
        say("No tests were found. That is no success.")
        return NOTHING_COLLECTED
    # All parts run even when the first is red: one look tells everything that is wrong.
    return lint or next((code for code in codes if code not in (PASSED, NOTHING_COLLECTED)), PASSED)


def pytest(arguments: Sequence[str]) -> int:
    """Run pytest once and return its exit code."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode
