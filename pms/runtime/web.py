"""Runs daphne on a socket that the supervisor holds, and serves once the database and the static files are prepared.

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
    cli = importlib.import_module("daphne.cli")
    importlib.import_module("django").setup()
    os.read(gate, 1)
    # Only now: the middleware for static files lists them once, when the application is made.
    cli.CommandLineInterface().run(["-v", "0", "-e", f"fd:fileno={listening}", "pms.asgi:application"])


if __name__ == "__main__":
    main(sys.argv[1:])
