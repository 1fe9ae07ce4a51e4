"""Shows what the children say, line by line, each with its name in front, coloured on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from .console import say

COLOURS = {"web": 36, "worker": 33, "beat": 35, "sandbox": 34, "prepare": 32, "postgres": 31, "valkey": 31}
LONGEST_LINE = 64 * 1024


class Lines:
    """Cuts a stream of bytes into lines."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._rest = b""

    def read(self, descriptor: int) -> bool:
        """Take what there is to read; False when the stream has ended."""
        try:
            data = os.read(descriptor, LONGEST_LINE)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._rest and (not data or len(self._rest) >= LONGEST_LINE):
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._take(line.decode(errors="replace").rstrip("\r"))
        return bool(data)


def show(name: str, line: str) -> None:
    """Show one line of the child `name`."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        say(f"\x1b[{COLOURS.get(name, 37)}m{name:>8}\x1b[0m │ {line}")
    else:
        say(f"{name:>8} | {line}")
