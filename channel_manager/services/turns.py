"""The clock of the channels: who is due is served, side by side, so that a slow channel holds up no other."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from django.db import connections
from django.utils import timezone

from channel_manager.selectors.connections import pull_due_ids, push_due_ids, quick_connections_exist
from pms.core.db_errors import is_away

from .pull import channel_pull
from .push import channel_push

log = structlog.get_logger(__name__)

# So many channels at once in one process; each has one connection to the database.
MOST_AT_ONCE = 8
STEP = 0.1


def serve_due(*, seconds: float) -> int:
    """Pull and push every connection that is due until `seconds` have passed; return how many turns were taken.

    Connections that are asked several times a second (the sandbox) are asked again and again within the time; without
    any of those the turn ends as soon as nothing is due.
    """
    turns, stop_at = 0, time.monotonic() + seconds
    quick = quick_connections_exist()
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="channel") as pool:
        running: dict[tuple[str, uuid.UUID], Future[None]] = {}
        while time.monotonic() < stop_at:
            running = {key: job for key, job in running.items() if not job.done()}
            due = [key for key in _due() if key not in running][: MOST_AT_ONCE - len(running)]
            for name, pk in due:
                running[name, pk] = pool.submit(_alone, WORK[name], pk)
                running[name, pk].add_done_callback(_fault_told)
            turns += len(due)
            if not running and not quick:
                break
            time.sleep(STEP)
    return turns


WORK: dict[str, Callable[..., object]] = {"pull": channel_pull, "push": channel_push}


def _due() -> list[tuple[str, uuid.UUID]]:
    now = timezone.now()
    return [("pull", pk) for pk in pull_due_ids(now)] + [("push", pk) for pk in push_due_ids(now)]


def _alone(work: Callable[..., object], connection_id: uuid.UUID) -> None:
    try:
        work(connection_id=connection_id)
    finally:
        connections.close_all()


def _fault_told(job: Future[None]) -> None:
    """Say what went wrong in a turn: nobody asks for its result. That the database is away the clock itself notices."""
    error = job.exception()
    if error is not None and not is_away(error):
        log.error("channel.turn_failed", exc_info=error)


def push_side_by_side(*, connection_ids: Sequence[uuid.UUID]) -> None:
    """Push several connections at once; a single one needs no thread."""
    if len(connection_ids) == 1:
        channel_push(connection_id=connection_ids[0])
        return
    with ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="channel") as pool:
        list(pool.map(lambda pk: _alone(channel_push, pk), connection_ids))
