"""The one place where a refusal by the database becomes an error a person understands.

Constraints are the law, locks only politeness (architecture.md 5): so every SQLSTATE that a lost race can bring up
has a kind answer here, and none of them ends as a server error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext as _

from .errors import AlreadyTaken, Busy, DatabaseAway, DomainError

Factory = Callable[[Any], DomainError]

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK = "40P01"
SERIALIZATION = "40001"
QUERY_CANCELED = "57014"
EXCLUSION = "23P01"
UNIQUE = "23505"
CONTENTION = frozenset({LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION})

_by_state: dict[str, Factory] = {}
_by_constraint: dict[str, Factory] = {}


def on_sqlstate(state: str, factory: Factory) -> None:
    """Answer errors with SQLSTATE `state` (one of our own `PM…`) by `factory(diagnostics)`."""
    _by_state[state] = factory


def on_constraint(name: str, factory: Factory) -> None:
    """Answer violations of the constraint `name` by `factory(diagnostics)`."""
    _by_constraint[name] = factory


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE that Postgres gave for `error`, or an empty string."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_contention(error: BaseException) -> bool:
    """Tell whether `error` is a lost race for a lock, which a fresh transaction may win."""
    return isinstance(error, DatabaseError) and sqlstate(error) in CONTENTION


def is_away(error: BaseException) -> bool:
    """Tell whether the database went away (08…, 57P0…), cannot be reached, is out of means (53…) or of connections."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = sqlstate(error)
    return not state or state.startswith(("08", "53", "57P0"))


def domain_error(error: BaseException) -> DomainError | None:
    """Return what to tell a person about `error`, or None if it is a fault of ours."""
    if is_away(error):
        return DatabaseAway()
    if not isinstance(error, DatabaseError):
        return None
    state = sqlstate(error)
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None) or ""
    if name in _by_constraint:
        return _by_constraint[name](diagnostics)
    if state in _by_state:
        return _by_state[state](diagnostics)
    if state in CONTENTION or state == QUERY_CANCELED:
        return Busy()
    if state in {UNIQUE, EXCLUSION}:
        return AlreadyTaken(_("That is in use already. Nothing was saved."), constraint=name)
    return None
