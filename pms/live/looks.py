"""What several audiences are drawn from is read once.

A change is drawn for each audience of a hotel (docs/live.md). Rights decide what a piece shows of the rows, seldom
which rows there are: a selector that takes no rights may be `read_once`, and while the hub draws one batch its answer
serves all audiences. Outside of that it reads as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_look: ContextVar[dict[Any, Any] | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Let `read_once` selectors answer the same question with the same answer while the block runs."""
    before = _look.set({})
    try:
        yield
    finally:
        _look.reset(before)


def read_once(selector: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Make `selector` read once a look for the same arguments (hashable); its answer must not be changed."""

    @wraps(selector)
    def answered(*args: Asked.args, **named: Asked.kwargs) -> Answer:
        look = _look.get()
        if look is None:
            return selector(*args, **named)
        question = (selector, args, frozenset(named.items()))
        if question not in look:
            look[question] = selector(*args, **named)
        answer: Answer = look[question]
        return answer

    return answered
