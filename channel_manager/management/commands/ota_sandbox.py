"""`manage.py ota_sandbox`: starts the pretended booking site, for trying and for tests."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Becomes the site's own process: it shares neither settings nor database with the hotel."""

    help = "Start a pretended booking site (a strict Booking.com) on a port of this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The pretended booking site: http://{options['host']}:{options['port']}/")
        self.stdout.flush()
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
        command = ["-m", "channel_manager.sandbox", "--port", str(options["port"]), "--host", options["host"]]
        os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - our own module, no shell
