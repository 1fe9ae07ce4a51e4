"""`manage.py up`: one command from nothing to a running hotel."""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from . import children, listen
from .console import Refusal, from_os_error, say
from .datafolder import DataFolder, data_folder
from .output import show
from .postgres import clean_environment
from .services import Service, did_not_start, postgres_in, postgres_service, valkey_in, valkey_service
from .supervisor import Stopping, Supervisor

PATIENCE = 120.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where the person asks for it


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start the hotel and keep it running.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for phones on the network")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", default=None, help="the folder where everything lies (default: .data)")
    parser.add_argument("--seed", action="store_true", help="fill an empty installation with a demonstration hotel")
    parser.add_argument("--sandbox", action="store_true", help="also start the pretended booking sites")
    options = parser.parse_args(arguments)
    options.data = data_folder(options.data)
    return options


def main(arguments: Sequence[str]) -> int:
    """Run until a signal; return the exit code."""
    options = parse(arguments)
    try:
        with ExitStack() as stack:
            # Guests' data: mail, media and logs are for this user only.
            stack.callback(os.umask, os.umask(0o077))
            folder = stack.enter_context(DataFolder(options.data))
            port = stack.enter_context(listen.open_port(options.host, options.port))
            stack.callback((options.data / "run.json").unlink, missing_ok=True)
            supervisor = Supervisor(show)
            stack.callback(supervisor.close)
            try:
                start = Start(options, folder, port, supervisor)
                start.prepare_everything()
                start.tell_ready()
                supervisor.forever()
            except Stopping:
                say("Stopping …")
    except OSError as error:
        raise from_os_error(error, options.data) from error
    return 0


class Start:
    """One start: the servers, the preparation, the processes, and the news that all is ready."""

    def __init__(
        self, options: argparse.Namespace, folder: DataFolder, port: socket.socket, supervisor: Supervisor
    ) -> None:
        self.options, self.folder, self.port, self.supervisor = options, folder, port, supervisor
        number = port.getsockname()[1]
        self.local = f"http://{'127.0.0.1' if options.host == EVERYWHERE else options.host}:{number}"
        self.name = listen.public_name(options.host)
        # What the environment gives wins; what it lacks is ours to set.
        self.services = {
            "SITE_URL": os.environ.get("SITE_URL") or f"http://{self.name}:{number}",
            "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or listen.allowed_hosts(self.name),
            "EMAIL_URL": os.environ.get("EMAIL_URL") or f"filemail://{quote(str(folder.path / 'mail'))}",
            "STATIC_ROOT": os.environ.get("STATIC_ROOT") or str(folder.path / "static"),
        }
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            if os.environ.get(variable):
                self.services[variable] = os.environ[variable]
        self.secrets = {name: os.environ.get(name) or value for name, value in folder.secrets().items()}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the hotel's processes."""
        inherited = clean_environment() if "DATABASE_URL" not in os.environ else dict(os.environ)
        fixed = {"DJANGO_SETTINGS_MODULE": "pms.settings.base", "PMS_DATA": str(self.folder.path)}
        return {**inherited, **fixed, **self.services, **self.secrets}

    def prepare_everything(self) -> None:
        """Start all in the order that makes the first page come soonest."""
        self._start_servers()
        self.supervisor.changed = self._write_state
        if self.options.sandbox:
            self._start_sandbox()
        # Loading the code and preparing the database take a processor each, so they go side by side.
        gate, ours = os.pipe()
        self.supervisor.start(children.web(self.environment, self.port.fileno(), gate))
        self.report = self._prepare()
        os.close(ours)
        if not self.supervisor.until(lambda: 0 < listen.status(f"{self.local}/healthz") < 500, PATIENCE):
            raise Refusal("The web server does not answer; its reason stands above. Everything was stopped again.")
        self.supervisor.serving = lambda: listen.status(f"{self.local}/readyz", 5) == 200
        self.supervisor.start(children.worker(self.environment, self.folder.path))
        self.supervisor.start(children.beat(self.environment, self.folder.path))
        if self.options.sandbox:
            # It forgets everything with each start, and has another port: the hotel is connected to it anew.
            self.supervisor.run(children.django("sandbox", self.environment, "connect_sandbox", process="command"))

    def _start_servers(self) -> None:
        waiting: list[Service] = []
        logs = self.folder.path / "log"
        if "REDIS_URL" not in self.services:
            valkey = valkey_in(self.folder.path)
            self.services["REDIS_URL"] = valkey.url
            waiting.append(valkey_service(valkey, logs))
        postgres = None
        if "DATABASE_URL" not in self.services:
            postgres = postgres_in(self.folder.path)
            self.services["DATABASE_URL"] = postgres.url("pms_app")
            self.services["DATABASE_OWNER_URL"] = postgres.url("pms_owner")
            waiting.append(postgres_service(postgres, logs))
        self.services.setdefault("DATABASE_OWNER_URL", self.services["DATABASE_URL"])
        for service in waiting:
            service.log.unlink(missing_ok=True)
            self.supervisor.start(children.server(service))
        for service in waiting:
            self._wait_for(service)
        if postgres:
            postgres.prepare_database()

    def _wait_for(self, service: Service) -> None:
        """Wait for an embedded server; one that dies now has a reason that a second try would not cure."""
        one = self.supervisor.running[service.name]
        if not self.supervisor.until(lambda: service.ready() or one.deaths > 0, PATIENCE) or one.deaths:
            raise did_not_start(service)

    def _start_sandbox(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            number = probe.getsockname()[1]
        self.services["OTA_SANDBOX_URL"] = f"http://127.0.0.1:{number}"
        arguments = ("ota_sandbox", "--port", str(number))
        self.supervisor.start(children.django("sandbox", self.environment, *arguments, process="command"))

    def _prepare(self) -> dict[str, Any]:
        """Migrate, collect static files, seed if asked; return what the command reports."""
        target = self.folder.path / "prepare.json"
        target.unlink(missing_ok=True)
        arguments = ["prepare", "--report", str(target), *(["--seed"] if self.options.seed else [])]
        code = self.supervisor.run(children.django("prepare", self.environment, *arguments, process="owner"))
        if code != 0:
            raise Refusal(
                f"The database could not be prepared (exit code {code}); the reason stands above. Everything was "
                "stopped again and the data is as it was; put it right and give the same command again."
            )
        try:
            report: dict[str, Any] = json.loads(target.read_text())
        except (OSError, ValueError):
            report = {}
        target.unlink(missing_ok=True)  # it may hold a one-time link or first passwords
        return report

    def _write_state(self) -> None:
        """Tell other commands what runs here."""
        self.folder.write_private(
            "run.json",
            {
                "url": self.services["SITE_URL"],
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "pids": {"up": os.getpid()} | {name: one.process.pid for name, one in self.supervisor.running.items()},
                "environment": self.services,
            },
        )

    def tell_ready(self) -> None:
        """Wait for /readyz and say all a person needs to begin."""
        if not self.supervisor.until(lambda: listen.status(f"{self.local}/readyz", 5) == 200, PATIENCE):
            say(f"Still not ready after {PATIENCE:.0f} s; {self.local}/readyz says why. Waiting on …")
            self.supervisor.until(lambda: listen.status(f"{self.local}/readyz", 5) == 200)
        seconds = time.time() - float(os.environ.get("PMS_STARTED", time.time()))
        say()
        say(f"The hotel is open: {self.services['SITE_URL']}  (ready in {seconds:.1f} s)")
        if self.report.get("setup_url"):
            say(f"Set it up (this link works once): {self.report['setup_url']}")
        for person in self.report.get("sign_ins") or []:
            say(f"  {person['role']:<20} {person['email']:<32} {person['password']}")
        for message in self.report.get("messages") or []:
            say(message)
        if self.services.get("OTA_SANDBOX_URL"):
            say(f"Pretended booking sites: {self.services['OTA_SANDBOX_URL']}")
        say(f"Everything lies in {self.folder.path}. Stop with Ctrl-C.")
