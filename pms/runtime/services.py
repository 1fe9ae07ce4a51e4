"""Prepares the embedded PostgreSQL and Valkey of one folder and says how to run them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .console import Refusal
from .postgres import FAST_STOP, STOP_AT_ONCE, Postgres, clean_environment, find_binaries, last_line, major_version
from .privileges import PLAIN, Account, reachable_binaries, reachable_home, server_account
from .sockets import socket_folder as socket_folder
from .valkey import Valkey
from .valkey import find_program as find_valkey


@dataclass(frozen=True)
class Service:
    """One server as its runner sees it."""

    name: str
    command: list[str]
    account: Account
    ready: Callable[[], bool]
    log: Path
    stop_signal: int
    kill_signal: int


def postgres_in(folder: Path, *, durable: bool = True) -> Postgres:
    """Return the PostgreSQL of `folder` with its cluster made; the folder's lock is held by the caller."""
    binaries = find_binaries()
    version = major_version(binaries)
    account = server_account()
    home = reachable_home(account, folder, folder / "postgres-home")
    refuse_other_version(home, version)
    sockets = socket_folder(folder) if account.owner is None else home / "sockets"
    server = Postgres(
        binaries=reachable_binaries(account, binaries, home),
        version=version,
        data=home / f"pg{version}",
        sockets=sockets,
        account=account,
        durable=durable,
    )
    server.initialise()
    server.clear_leftovers()
    return server


def refuse_other_version(home: Path, version: int) -> None:
    """Refuse a folder that only another major version of PostgreSQL can open."""
    others = sorted(path.name for path in home.glob("pg[0-9]*") if path.name[2:].isdigit())
    if not others or f"pg{version}" in others:
        return
    other = others[-1]
    raise Refusal(
        f"{home / other} was written by PostgreSQL {other[2:]}, and the one at hand, {version}, cannot open it. "
        f"Nothing was changed; set PMS_PG_BIN to the programs of PostgreSQL {other[2:]} to go on as before, or start "
        f"with them once, dump (`pg_dump -Fc -h {home}/run -U postgres pms > pms.dump`), move {other} away, "
        f"start with {version} and restore (`pg_restore -h {home}/run -U postgres -d pms --clean pms.dump`)."
    )


def valkey_in(folder: Path, *, durable: bool = True) -> Valkey:
    """Return the Valkey of `folder`."""
    server = Valkey(find_valkey(), folder / "valkey", socket_folder(folder) / "valkey.sock", durable=durable)
    server.prepare()
    deadline = time.monotonic() + 3
    while server.ready():  # the server of a start that was killed a moment ago
        if time.monotonic() > deadline:
            raise Refusal(f"A Valkey server still uses {server.data}. Nothing was started; stop it and try again.")
        time.sleep(0.05)
    return server


def postgres_service(server: Postgres, logs: Path) -> Service:
    """Say how to run `server`."""
    return Service(
        name="postgres",
        command=server.command(),
        account=server.account,
        ready=server.ready,
        log=logs / "postgres.log",
        stop_signal=FAST_STOP,
        kill_signal=STOP_AT_ONCE,
    )


def valkey_service(server: Valkey, logs: Path) -> Service:
    """Say how to run `server`."""
    return Service(
        name="valkey",
        command=server.command(),
        account=PLAIN,
        ready=server.ready,
        log=logs / "valkey.log",
        stop_signal=signal.SIGTERM,
        kill_signal=signal.SIGTERM,
    )


def start(service: Service) -> subprocess.Popen[bytes]:
    """Start `service` in a session of its own; it ends when this process ends. Call from the main thread.

    The kernel sends the death signal when the *thread* that started the child ends, not the process.
    """
    with service.log.open("ab") as log:
        return subprocess.Popen(
            service.account.wrap(service.command, die_with=service.kill_signal),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=clean_environment(),
        )


def wait_until_ready(service: Service, process: subprocess.Popen[bytes], patience: float = 60.0) -> None:
    """Wait for `service`, or refuse with what its log says."""
    deadline = time.monotonic() + patience
    while not service.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise did_not_start(service)
        time.sleep(0.02)


def did_not_start(service: Service) -> Refusal:
    """Return the sentence for a server that ended before it was ready."""
    said = last_line(service.log.read_text(errors="replace")) if service.log.exists() else ""
    return Refusal(f"{service.name} did not start: {said} Nothing else was started; its log is {service.log}.")


def stop(service: Service, process: subprocess.Popen[bytes], patience: float = 5.0) -> None:
    """Stop `service` in order, then without mercy."""
    if process.poll() is None:
        process.send_signal(service.stop_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
