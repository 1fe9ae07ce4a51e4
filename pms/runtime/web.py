"""The web server, pages and sockets in one process (docs/adr/0023-uvicorn-serves-pages-and-sockets.md).

    python -m pms.runtime.web --bind 0.0.0.0:8000
    python -m pms.runtime.web --fd N [--gate M]

With `--fd` it serves on a socket that a supervisor holds: since that outlives this process, callers wait a moment
during a restart instead of being refused. Loading the hotel takes seconds of processor time, so it happens while the
database migrates; the gate, a pipe, is open when nobody holds its other end.
"""

from __future__ import annotations

import argparse
import importlib
import os
import socket
import sys

import uvicorn

from .lines import PageLine

APPLICATION = "pms.asgi:application"
# A page says little (pms.live.consumers closes what is too big with a code of its own): this is for what is no page.
BIGGEST_FRAME = 1024 * 1024
# How long a thread that holds the interpreter may let others wait (seconds). While the loop writes to a thousand pages,
# the thread that draws the next news takes it back after every answer of the database; at Python's 5 ms, dozens of
# those waits were most of what a change took.
SWITCH = 0.0005
# For requests under way when we are told to stop; pages are told at once, and come back by themselves (seconds).
GRACE = 3


def main(arguments: list[str]) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m pms.runtime.web", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--bind", metavar="HOST:PORT", help="listen here")
    where.add_argument("--fd", type=int, help="serve on this open socket")
    parser.add_argument("--gate", type=int, help="wait until nobody holds the other end of this pipe")
    parser.add_argument("--application", default=APPLICATION)
    options = parser.parse_args(arguments)
    sys.setswitchinterval(SWITCH)
    listening = socket.socket(fileno=options.fd) if options.bind is None else _bound(options.bind)
    importlib.import_module("django").setup()
    if options.gate is not None:
        os.read(options.gate, 1)
    # Named, not imported: the middleware for static files lists them once, when the application is made.
    uvicorn.Server(configuration(options.application)).run(sockets=[listening])


def configuration(application: str) -> uvicorn.Config:
    """Return how `application` is served."""
    return uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws=PageLine,
        ws_max_size=BIGGEST_FRAME,
        # Packed apart for each page, the same news would cost a thousand times what drawing them did.
        ws_per_message_deflate=False,
        lifespan="off",
        # Whose word about the caller counts is Django's own affair (BEHIND_PROXY).
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
    )


def _bound(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if "[" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), int(port)), family=family)


if __name__ == "__main__":
    main(sys.argv[1:])
