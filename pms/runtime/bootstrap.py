"""Makes sure that the packages a command needs are there, then hands over to the command.

Standard library only, and nothing newer than Python 3.8 in its syntax: on a bare machine this is the first code to run.
"""

from __future__ import annotations

import os
import sys
import time

OLDEST_PYTHON = (3, 11)


def main(argv: list[str]) -> int:
    """Run the command in `argv` in an environment that holds what it needs; return the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        return _restart_with_newer_python(argv)
    from .console import Refusal, complain

    try:
        from .commands import run
        from .environment import ensure, groups_for

        os.environ.setdefault("PMS_STARTED", str(time.time()))
        name = argv[1] if len(argv) > 1 else "help"
        python = ensure(groups_for(name, argv[2:]))
        if python is not None:
            os.execv(python, [python, *argv])  # noqa: S606 - the same command again, in the environment just made
        return run(argv)
    except Refusal as refusal:
        complain(str(refusal))
        return 1
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130


def _restart_with_newer_python(argv: list[str]) -> int:
    from shutil import which

    for minor in (13, 12, 11, 14):
        found = which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *argv])  # noqa: S606 - the same command again, with a Python that can run it
    sys.stderr.write(
        f"This is Python {sys.version_info[0]}.{sys.version_info[1]}; the hotel system needs Python 3.11 or newer, "
        "and none was found on PATH. Nothing was done; install one (Debian: `apt-get install python3`) and give the "
        "same command with it.\n"
    )
    return 1
