"""Who reacts to what: `@within` in the same transaction, `@after` once it is committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from .base import Event, Veto

Receiver = Callable[..., None]
Function = TypeVar("Function", bound=Callable[..., None])

_within: dict[type[Event], list[Receiver]] = defaultdict(list)
_after: dict[str, dict[str, Receiver]] = defaultdict(dict)


def within(event: type[Event]) -> Callable[[Function], Function]:
    """Call the function with the event inside the publisher's transaction; its error rolls everything back."""

    def register(function: Function) -> Function:
        _within[event].append(function)
        return function

    return register


def after(*events: type[Event]) -> Callable[[Function], Function]:
    """Call the function with the stored event after the commit, at least once: it must be idempotent.

    Its import path is its name in the outbox, so a receiver that moved house must keep answering to the old name
    until its deliveries are done.
    """

    def register(function: Function) -> Function:
        name = f"{function.__module__}.{function.__name__}"
        for event in events:
            if issubclass(event, Veto):
                raise TypeError(f"{event.__name__} is a veto: it leaves no trace, so nothing can happen after it.")
            _after[event.code][name] = function
        return function

    return register


def run_within(event: Event) -> None:
    """Run the `@within` receivers of `event`."""
    for function in _within[type(event)]:
        function(event)


def names_after(code: str) -> list[str]:
    """Return the names of the `@after` receivers of the event `code`."""
    return sorted(_after[code])


def receiver_named(name: str) -> Receiver | None:
    """Return the `@after` receiver `name`, or None if no code answers to it any more."""
    for receivers in _after.values():
        if name in receivers:
            return receivers[name]
    return None


def registered() -> dict[str, Any]:
    """Return all registrations, for tests and the documentation of events."""
    return {
        "within": {event.code or event.__name__: list(functions) for event, functions in _within.items()},
        "after": {code: sorted(functions) for code, functions in _after.items()},
    }
