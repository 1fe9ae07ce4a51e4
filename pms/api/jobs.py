"""The registry of bulk work: which writes a program may ask for by the thousand, and how a line of each is done.

Every app declares its own in `<app>/api/jobs.py`; see docs/api.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pms.accounts.models import User

from .fields import Input

Line = Mapping[str, Any]
# Does the lines for a user at a hotel, all or none, and returns for each what there is to tell of it (None: nothing).
Work = Callable[[Any, User, Sequence[Line]], Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """One kind of bulk work.

    `line` reads a line, `work` does some, `right` and `scope` are those of the single write. `chunk` lines are done in
    one transaction, so a desk waits no longer than that for a lock; `most` may stand in one job.
    """

    name: str
    scope: str
    right: str
    line: type[Input]
    work: Work
    chunk: int
    most: int


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Declare a kind of bulk work and return it."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"There is bulk work {kind.name!r} already.")
    return kind


def kind_named(name: str) -> JobKind:
    """Return the kind. Raises `LookupError` if no app declares it (any more)."""
    return _kinds[name]
