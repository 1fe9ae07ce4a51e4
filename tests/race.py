"""Runs calls at the same moment, each on a connection of its own: the house's tool for races."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from django.db import connections

PATIENCE = 60


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Start all `calls` at a barrier and return what each returned or raised, in the order of the calls.

    Use it in tests with `django_db(transaction=True)`: other connections see committed rows only.
    """
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(PATIENCE)
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        running = [pool.submit(copy_context().run, run, call) for call in calls]
        return [future.result(PATIENCE) for future in running]


def errors_of(results: list[Any]) -> list[str]:
    """Return the class names of the exceptions among `results`, sorted."""
    return sorted(type(result).__name__ for result in results if isinstance(result, BaseException))


class Rendezvous:
    """Lets the parts of a race wait for one another at named points; a part that never comes fails the test."""

    def __init__(self, patience: float = 10) -> None:
        self.patience = patience
        self.points: dict[str, threading.Event] = {}
        self.lock = threading.Lock()

    def _point(self, name: str) -> threading.Event:
        with self.lock:
            return self.points.setdefault(name, threading.Event())

    def reached(self, name: str) -> None:
        """Say that this point is reached."""
        self._point(name).set()

    def wait_for(self, name: str) -> None:
        """Wait until somebody reached the point."""
        assert self._point(name).wait(self.patience), f"nobody reached {name!r} in {self.patience} s"

    def came(self, name: str, *, within: float) -> bool:
        """Give the other part a while to reach the point, and tell whether it did."""
        return self._point(name).wait(within)
