"""Background work while the database is away: it waits for the next ring and says so once, not at every sweep."""

from __future__ import annotations

import time
from multiprocessing.sharedctypes import RawValue
from typing import Any

import structlog
from celery import Task
from django.db import Error

from pms.core.db_errors import is_away

log = structlog.get_logger(__name__)

# Since when the database is away, in seconds of the clock; 0: it is there. Shared by the processes of one worker, which
# are forked from the one that imports this, so that an outage is told once. Without a lock: who dies holds up nobody,
# and two that fall in the same instant say it twice at worst.
_away_since = RawValue("d", 0.0)


class PatientTask(Task):
    """A task that leaves its work for the next ring when the database is away: what is owed stands in rows."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Do the work; any other error is the task's own."""
        try:
            result = super().__call__(*args, **options)
        except Error as error:
            if not is_away(error):
                raise
            if not _away_since.value:
                _away_since.value = time.time()
                log.warning("database.away", task=self.name, error=str(error).strip())
            return None
        if since := _away_since.value:
            _away_since.value = 0.0
            log.warning("database.back", seconds=round(time.time() - since, 1))
        return result
