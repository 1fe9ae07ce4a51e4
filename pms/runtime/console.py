"""Speaks to the person at the keyboard: the one place that writes to the terminal."""

from __future__ import annotations

import contextlib
import errno
import sys


class Refusal(Exception):
    """Something that the person can put right, in one clear sentence; shown without a traceback, exit code 1."""


def say(text: str = "") -> None:
    """Write one line at once; a reader who has gone away is no reason to stop a hotel."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Write one line to the error stream at once."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def no_space(place: object) -> Refusal:
    """Return the sentence for a full disk."""
    return Refusal(
        f"The disk that holds {place} is full. The start was stopped and nothing is lost; "
        "free some space and give the same command again."
    )


def from_os_error(error: OSError, place: object) -> Refusal:
    """Return the sentence for an error of the operating system met while preparing `place`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(error.filename or place)
    return Refusal(
        f"{error.filename or place} cannot be used: {error.strerror or error}. Nothing was started; "
        "give another folder with --data or put its permissions right."
    )
