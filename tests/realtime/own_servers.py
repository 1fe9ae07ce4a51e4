"""A PostgreSQL and a Valkey of a test's own: they die by SIGKILL when it says so, and come back when it says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pms.runtime.postgres import Postgres
from pms.runtime.services import (
    Service,
    postgres_in,
    postgres_service,
    start,
    stop,
    valkey_in,
    valkey_service,
    wait_until_ready,
)


class OwnServer:
    """One server that may be killed."""

    def __init__(self, service: Service, postgres: Postgres | None = None) -> None:
        self.service, self.postgres = service, postgres
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again) on the data it left, and wait until it answers."""
        if self.postgres:
            self.postgres.clear_leftovers()
        self.process = start(self.service)
        wait_until_ready(self.service, self.process)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it for good."""
        if self.process is not None:
            stop(self.service, self.process)


@contextmanager
def own_valkey(folder: Path, *, durable: bool = False) -> Iterator[tuple[OwnServer, str]]:
    """Yield a running Valkey and its address; unless it is `durable`, it forgets everything when it dies."""
    made = valkey_in(folder, durable=durable)
    server = OwnServer(valkey_service(made, folder))
    server.start()
    try:
        yield server, made.url
    finally:
        server.stop()


@contextmanager
def own_postgres(folder: Path) -> Iterator[tuple[OwnServer, str, str]]:
    """Yield a running PostgreSQL that loses nothing it confirmed, and its addresses for the hotel and for the owner."""
    made = postgres_in(folder)
    server = OwnServer(postgres_service(made, folder), made)
    server.start()
    try:
        made.prepare_database()
        yield server, made.url("pms_app"), made.url("pms_owner")
    finally:
        server.stop()


@contextmanager
def own_servers(folder: Path) -> Iterator[tuple[OwnServer, OwnServer, dict[str, str]]]:
    """Yield a Valkey and a PostgreSQL below `folder`, and the environment in which a hotel uses them."""
    servers = folder / "servers"
    servers.mkdir()
    with own_valkey(servers) as (valkey, redis_url), own_postgres(servers) as (postgres, app, owner):
        names = {"REDIS_URL": redis_url, "DATABASE_URL": app, "DATABASE_OWNER_URL": owner}
        yield valkey, postgres, names
