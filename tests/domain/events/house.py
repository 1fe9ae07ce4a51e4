"""Receivers of a worker process of its own: imported there, known here by their names only."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path
from typing import Any

from pms.events import worker
from pms.events.models import StreamEvent
from pms.events.receivers import after
from tests.domain.events.given import RoomLocked, RoomSwept

LEASE = 1.5
MAIN = "import django; django.setup(); from tests.domain.events import house; house.main()"
SLOW, QUICK = f"{__name__}.slow", f"{__name__}.quick"


def slow(event: StreamEvent) -> None:
    """Say that it began, then take as long as the test wants."""
    Path(os.environ["TEST_BEGAN"]).touch()
    time.sleep(float(os.environ.get("TEST_SECONDS", "60")))


def quick(event: StreamEvent) -> None:
    """Do nothing, at once."""


def register() -> None:
    """Register both, in the process that is to call them."""
    after(RoomSwept)(slow)
    after(RoomLocked)(quick)


def main() -> None:
    """Deliver what is due, as a worker does, with a lease that a test can wait for."""
    register()
    worker.LEASE = dt.timedelta(seconds=LEASE)
    worker.deliver_due()


def environment(**more: Any) -> dict[str, str]:
    """Return the environment of a worker on the database of this test run."""
    from pms.runtime.testing import server_environment

    return {**server_environment("http://localhost"), "PMS_PROCESS": "worker", **more}


if "celery" in sys.argv[0]:
    register()
