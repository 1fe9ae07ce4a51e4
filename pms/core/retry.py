"""Starts a piece of work over when it lost a race, a bounded number of times."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection

from .db_errors import LOCK_NOT_AVAILABLE, is_contention, sqlstate

Result = TypeVar("Result")


def with_retry(work: Callable[[], Result], *, tries: int = 3) -> Result:
    """Return `work()`, begun anew in a fresh transaction after a deadlock or a lost race, at most `tries` times.

    A lock time-out is not tried again: whoever waited three seconds for a busy room wants an answer, not nine.

    `work` must hold its whole transaction; inside an outer one a retry would only meet an aborted transaction.
    """
    for attempt in range(1, tries + 1):
        try:
            return work()
        except DatabaseError as error:
            if (
                not is_contention(error)
                or sqlstate(error) == LOCK_NOT_AVAILABLE
                or attempt == tries
                or connection.in_atomic_block
            ):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")
