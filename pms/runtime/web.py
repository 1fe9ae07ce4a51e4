"""Runs daphne on a socket that the supervisor holds, and waits with serving until the database is prepared.

Loading the hotel takes seconds of processor time, so it happens while the database migrates. And because the socket
outlives this process, callers wait a moment during a restart instead of being refused.
"""

from __future__ import annotations

import importlib
import os
import sys


def main(arguments: list[str]) -> None:
    """Run with `LISTEN_FD GATE_FD`; the gate is open when nobody holds its other end."""
    listening, gate = (int(argument) for argument in arguments)
    # First of all: it chooses Twisted's reactor, which must happen before anything else imports one.
    from daphne.cli import CommandLineInterface

    importlib.import_module("pms.asgi")
    os.read(gate, 1)
    CommandLineInterface().run(["-v", "0", "-e", f"fd:fileno={listening}", "pms.asgi:application"])


if __name__ == "__main__":
    main(sys.argv[1:])
