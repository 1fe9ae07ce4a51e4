"""`manage.py health`: an exit code for whoever watches the containers."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from pms.core.health import parts
from pms.events.canary import pulses


class Command(BaseCommand):
    """Prints JSON. Exit code 0: well, or ill in a way that a new start would not cure; 1: ill."""

    help = "Tell whether this installation can serve; with --worker, whether background work moves (by its canary)."
    requires_system_checks: Any = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--worker", action="store_true", help="judge the workers by their canary")

    def handle(self, *args: Any, **options: Any) -> None:
        states = parts()
        ready = all(state == "ok" for state in states.values())
        report: dict[str, Any] = {"parts": states}
        well = ready
        if options["worker"]:
            # Without database or Redis no canary can sing: a worker that is started anew would do no better.
            ages = _ages() if ready else {}
            report["canary"] = ages
            well = not ready or all(ages.get(queue, float("inf")) <= settings.CANARY_LATE for queue in _queues())
        self.stdout.write(json.dumps({"well": well, **report}))
        if not well:
            raise SystemExit(1)


def _queues() -> list[str]:
    queues: list[str] = settings.CANARY_QUEUES
    return queues


def _ages() -> dict[str, float]:
    """Return the age in seconds of each queue's last canary; one that went away while we asked tells of nothing."""
    try:
        return {pulse.queue: round(pulse.age, 1) for pulse in pulses()}
    except DatabaseError:
        return dict.fromkeys(_queues(), 0.0)
