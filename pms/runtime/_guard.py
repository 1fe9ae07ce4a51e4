"""Ends the children of a supervisor that was killed, with all their descendants.

Runs as `python -I -S _guard.py` with a pipe from the supervisor, which says `+PID SIGNAL` and `-PID`. The end of the
pipe means the supervisor is gone. The kernel's death signal reaches children only; this reaches a worker's own
children too, and works where the kernel has no such signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def main() -> None:
    """Remember the sessions; end them when the pipe ends."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sessions: dict[int, int] = {}
    for line in sys.stdin:
        pid, _, number_text = line[1:].strip().partition(" ")
        if line.startswith("+"):
            sessions[int(pid)] = int(number_text)
        else:
            sessions.pop(int(pid), None)
    for leader, number in sessions.items():
        with contextlib.suppress(OSError):
            os.killpg(leader, number)


if __name__ == "__main__":
    main()
