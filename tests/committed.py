"""`committed()`: lets a test that runs inside a transaction see what a commit would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

Callbacks = list[Callable[[], object]]


@contextmanager
def committed(*, run: bool = True) -> Iterator[Callbacks]:
    """Do at the end of the block what a commit does, and yield the list of on-commit callbacks that fills then.

    Deferred constraints fire (so the stream is numbered, and a violated one raises here), then the callbacks run.
    Callbacks that piled up before the block (by factories) are dropped: their moment was an earlier commit.
    `run=False` only lists the callbacks.
    """
    connection.run_on_commit = []
    callbacks: Callbacks = []
    yield callbacks
    commit(callbacks, run=run)


def commit(callbacks: Callbacks | None = None, *, run: bool = True) -> None:
    """Fire the deferred constraints and run the on-commit callbacks, as the end of a transaction would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    while connection.run_on_commit:  # a callback may register another one
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, callback, *_ in waiting:
            if callbacks is not None:
                callbacks.append(callback)
            if run:
                callback()


@contextmanager
def rolled_back() -> Iterator[None]:
    """Run the block in a transaction (or a savepoint) that is taken back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
