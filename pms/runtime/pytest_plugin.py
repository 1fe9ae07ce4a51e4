"""Gives a test run its own PostgreSQL and Valkey, and counts a skipped test as a failure.

Loaded with `-p` so that it runs before pytest-django reads the settings. Fixtures do not belong here: a plugin loaded
this way is registered first, so the fixtures of other plugins would win over it.
"""

from __future__ import annotations

import atexit
import base64
import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from .console import Refusal
from .postgres import clean_environment
from .services import (
    Service,
    postgres_in,
    postgres_service,
    start,
    stop,
    valkey_in,
    valkey_service,
    wait_until_ready,
)

FOLDER_VARIABLE = "PMS_TEST_FOLDER"
PREFIX = "pms-test-"


class Servers:
    """The servers that this process started, in a folder that vanishes with them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        self.lock = (self.folder / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.running: list[tuple[Service, subprocess.Popen[bytes]]] = []

    def start_postgres(self) -> None:
        """Start PostgreSQL and tell the settings about it."""
        server = postgres_in(self.folder, durable=False)
        self._run(postgres_service(server, self.folder))
        server.prepare_database(test=True)
        # The owner: tests make databases and truncate tables. The live server runs as the restricted role.
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = server.url("pms_owner")
        os.environ["DATABASE_APP_URL"] = server.url("pms_app")

    def start_valkey(self) -> None:
        """Start Valkey and tell the settings about it."""
        server = valkey_in(self.folder, durable=False)
        self._run(valkey_service(server, self.folder))
        os.environ["REDIS_URL"] = server.url

    def _run(self, service: Service) -> None:
        process = start(service)
        self.running.append((service, process))
        wait_until_ready(service, process)

    def stop(self) -> None:
        """Stop what runs and remove the folder."""
        while self.running:
            stop(*self.running.pop())
        home = self.folder / "postgres-home"
        if home.exists():
            shutil.rmtree(home.read_text().strip(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()


_servers: list[Servers] = []


def sweep(parent: Path = Path("/tmp")) -> None:  # noqa: S108 - only folders that we own are touched
    """Remove the folders of test runs that were killed; a living run holds the lock in its folder."""
    for folder in parent.glob(f"{PREFIX}*"):
        found = folder.lstat()
        if found.st_uid != os.geteuid() or folder.is_symlink() or not folder.is_dir():
            continue
        try:
            with (folder / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # it lives, or it is just being made


def start_services() -> None:
    """Start what the environment does not name yet; a worker of a parallel run inherits all and starts nothing."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "pms.settings.test"
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    os.environ.setdefault("FIELD_ENCRYPTION_KEYS", key)
    if FOLDER_VARIABLE in os.environ:
        return
    for name in set(os.environ) - set(clean_environment()):
        del os.environ[name]
    sweep()
    servers = Servers()
    _servers.append(servers)
    atexit.register(stop_services)
    os.environ[FOLDER_VARIABLE] = str(servers.folder)
    os.environ["PMS_DATA"] = str(servers.folder / "data")
    try:
        if not os.environ.get("DATABASE_URL"):
            servers.start_postgres()
        if not os.environ.get("REDIS_URL"):
            servers.start_valkey()
    except Refusal as refusal:
        stop_services()
        raise pytest.UsageError(str(refusal)) from refusal


def stop_services() -> None:
    """Stop the servers that this process started."""
    while _servers:
        _servers.pop().stop()
        os.environ.pop(FOLDER_VARIABLE, None)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start before pytest-django reads the settings, in this same hook."""
    if not {"--help", "-h", "--version", "-V", "--markers", "--fixtures"} & set(early_config.invocation_params.args):
        start_services()


def pytest_unconfigure() -> None:
    """Stop with the session."""
    stop_services()


class SkipsAreRed:
    """Fails the session when a test was skipped: a gap that nobody sees is worse than a failure that all see."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; an expected failure is none."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skipped itself."""
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def _note(self, name: str, reason: object) -> None:
        said = reason[2] if isinstance(reason, tuple) and len(reason) == 3 else reason
        self.skipped.append(f"{name}: {said}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a green session with skips red."""
        if self.skipped and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why."""
        if self.skipped:
            terminalreporter.section("skipped tests fail the run", red=True)
            for line in dict.fromkeys(self.skipped):
                terminalreporter.write_line(line)


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    """Watch for skips in the process that reports."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipsAreRed(), "pms-skips-are-red")


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder of this run, shared by its parallel workers."""
    return Path(os.environ[FOLDER_VARIABLE])
