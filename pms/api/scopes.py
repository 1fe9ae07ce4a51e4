"""The registry of scopes: what a partner's token may be good for, and which rights each scope stands for.

Every app declares its own in `<app>/api/scopes.py`. A scope is `<resource>.<read|write|action>`; the rights it names
are those of the app's `permissions.py`, so a client asks `pms.accounts.access` like everybody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ALL = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: its code, what it lets a partner do (in words), and the rights it stands for."""

    code: str
    label: Any
    rights: frozenset[str]


_scopes: dict[str, Scope] = {}
_object_scopes: dict[str, str] = {}
_private: set[str] = set()


def register(code: str, *, rights: Iterable[str] = (), label: Any) -> None:
    """Declare a scope; a second declaration of the same code that says something else is refused."""
    scope = Scope(code, label, frozenset(str(right) for right in rights))
    known = _scopes.get(code)
    if known is not None and known.rights != scope.rights:
        raise ValueError(f"The scope {code!r} is declared already, with other rights.")
    _scopes[code] = scope


def register_object(object_type: str, scope: str) -> None:
    """Say which scope lets a client read events about objects of this type; without one they are told to nobody."""
    if _object_scopes.setdefault(object_type, scope) != scope:
        raise ValueError(f"Events about {object_type!r} need the scope {_object_scopes[object_type]!r} already.")


def keep_private(*object_types: str) -> None:
    """Say that events about objects of these types are for the house alone: persons' matters, inner bookkeeping."""
    _private.update(object_types)


def registered() -> dict[str, Scope]:
    """Return all scopes by code, in the order of their codes."""
    return dict(sorted(_scopes.items()))


def expand(codes: Iterable[str]) -> frozenset[str]:
    """Return `codes` with `*` replaced by every scope there is; codes that no app declares any more fall away."""
    asked = set(codes)
    return frozenset(_scopes) if ALL in asked else frozenset(asked & set(_scopes))


def rights_of(codes: Iterable[str]) -> frozenset[str]:
    """Return the rights that these scopes stand for together."""
    return frozenset(right for code in expand(codes) for right in _scopes[code].rights)


def object_types_readable(codes: Iterable[str]) -> list[str]:
    """Return the types of objects whose events a client with these (expanded) scopes may read."""
    held = set(codes)
    return sorted(kind for kind, scope in _object_scopes.items() if scope in held)


def object_types_declared() -> frozenset[str]:
    """Return every type of object of which an app has said who may read its events, or that nobody may."""
    return frozenset(_object_scopes) | _private
