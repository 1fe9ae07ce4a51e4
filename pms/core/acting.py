"""Who acts now: the person or client, the address and the request that every record of a change names."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import structlog


def new_request_id() -> str:
    """Return a fresh id that ties log lines, audit entries, events and error answers of one request together."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Acting:
    """The circumstances of the work in progress.

    `user` is a callable since at the start of a request nobody is known yet: the session (or the API token) is
    read later, and only if somebody asks.
    """

    via: str = "command"
    request_id: str = field(default_factory=new_request_id)
    address: str | None = None
    user: Callable[[], Any] = lambda: None

    @property
    def user_id(self) -> uuid.UUID | None:
        """Return the id of the signed-in person or service user, if there is one."""
        user = self.user()
        return user.pk if user is not None and user.is_authenticated else None

    @property
    def way(self) -> str:
        """Return how the work came about: `via`, unless somebody of the support acts in the person's name."""
        return "support" if getattr(self.user(), "acted_by", None) is not None else self.via


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    """Return the circumstances of the work in progress; outside any request they are those of a command."""
    current = _acting.get()
    if current is None:
        current = Acting()
        _acting.set(current)
    return current


@contextmanager
def act_as(
    *, via: str, user: Any = None, request_id: str | None = None, address: str | None = None
) -> Iterator[Acting]:
    """Work inside the block on behalf of `user`; used by tasks, sockets, commands and tests."""
    current = Acting(via=via, address=address, user=lambda: user)
    if request_id:
        current = replace(current, request_id=request_id)
    with within(current):
        yield current


@contextmanager
def within(current: Acting) -> Iterator[None]:
    """Make `current` the circumstances inside the block and bind its request id to the log lines."""
    token = _acting.set(current)
    try:
        with structlog.contextvars.bound_contextvars(request_id=current.request_id, via=current.via):
            yield
    finally:
        _acting.reset(token)
