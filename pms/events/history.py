"""Tells a database that was put back, or a copy that took over, from the one that went on.

After a restore the numbers of the streams, permission epochs and versions are given a second time, for other things:
who kept some (an open page, a partner, this process's memory) must not go on from them. PostgreSQL begins a new
timeline with each restore to a point in time and each promotion, and a dump is loaded into a system with another
identity. A process sees that with its first new connection, before it reads anything for anybody: then every stream
gets a new epoch, which makes pages and partners read anew, and what the process remembered is forgotten.

What PostgreSQL cannot see (a copied data folder, a snapshot of the disk) an operator says: `manage.py new_history`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import structlog
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, UUIDField

from .models import History, StreamHead

log = structlog.get_logger(__name__)

# The log's file name begins with the timeline that is written now; the control file tells of it a checkpoint later.
LOOK = """
    SELECT system_identifier || ':' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), origin, mark
    FROM pg_control_system() LEFT JOIN events_history ON true
"""

# A pool hands the same connections out again and again.
_looked_by: WeakSet[Any] = WeakSet()
_forget: list[Callable[[], None]] = []
_mark: uuid.UUID | None = None


def on_other_history(forget: Callable[[], None]) -> None:
    """Call `forget` in this process when the database has another history than what it remembers comes from."""
    _forget.append(forget)


def look(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Find out which history the database tells; called with each new connection of a process that serves."""
    global _mark
    if connection.connection in _looked_by:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOOK)
        now, noted, mark = cursor.fetchone()
    if now != noted:
        mark = _note(now)
    if _mark not in {None, mark}:
        for forget in _forget:
            forget()
    _mark = mark
    _looked_by.add(connection.connection)


@transaction.atomic
def renew() -> uuid.UUID:
    """Give every stream a new epoch and return the mark of the history that begins now."""
    history = History.objects.select_for_update().get()
    StreamHead.objects.update(epoch=Func(function="gen_random_uuid", output_field=UUIDField()))
    history.mark = uuid.uuid4()
    history.save()
    return history.mark


@transaction.atomic
def _note(origin: str) -> uuid.UUID:
    """Note where the database comes from and return the mark of its history; of several processes one renews it."""
    History.objects.get_or_create(pk=1)
    history = History.objects.select_for_update().get()
    before, history.origin = history.origin, origin
    if before == origin:
        return history.mark
    history.save()
    if not before:
        return history.mark  # noted for the first time
    log.warning("database.other_history", before=before, now=origin)
    return renew()
