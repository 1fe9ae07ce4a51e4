"""Errors a hotelier can understand: a stable code, a whole sentence, and the facts as fields.

No HTTP here: an error says of what `Kind` it is, and each edge (page, API, socket, admin) answers in its own way.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.utils.translation import gettext as _


class Kind(StrEnum):
    """How an edge has to treat an error."""

    RULE = "rule"  # readable input that breaks a rule of the house
    STATE = "state"  # the facts do not allow it now; they may later
    STALE = "stale"  # somebody else changed the same field meanwhile
    PRECONDITION = "precondition"  # a write that must name the version it saw did not
    FORBIDDEN = "forbidden"
    MISSING = "missing"  # not there, or not yours: the same answer for both
    UNREADABLE = "unreadable"
    CLOSED = "closed"  # the period is closed for postings
    LIMITED = "limited"  # too many tries; again after a while
    BUSY = "busy"  # try again in a moment


class DomainError(Exception):
    """A refusal by a rule of the hotel.

    Subclasses name subject and trouble (`RoomNotReady`), carry a stable `code` and take the facts as keywords;
    the message says what happened, what was not done, and what to do next.
    """

    code: ClassVar[str] = "domain_error"
    kind: ClassVar[Kind] = Kind.STATE
    catalogue: ClassVar[dict[str, type[DomainError]]] = {}

    def __init_subclass__(cls, *, code: str, kind: Kind = Kind.STATE, **options: Any) -> None:
        super().__init_subclass__(**options)
        if code in DomainError.catalogue:
            raise TypeError(f"Error code {code!r} is already used by {DomainError.catalogue[code].__name__}.")
        cls.code, cls.kind = code, kind
        DomainError.catalogue[code] = cls

    def __init__(self, message: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = str(message)  # now, in the language of who is refused
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return self.message


class NotThere(DomainError, code="not_found", kind=Kind.MISSING):
    """The row does not exist, or belongs to somebody else: both look the same from outside."""

    def __init__(self, what: str = "") -> None:
        super().__init__(
            _("%(what)s was not found. It may have been removed, or it belongs to another hotel.")
            % {"what": what or _("That")}
        )


class NotAllowed(DomainError, code="not_allowed", kind=Kind.FORBIDDEN):
    """The person may see this, but not do that."""

    def __init__(self, right: str) -> None:
        super().__init__(
            _("Your role does not allow this. Nothing was changed; a manager can give you the right."), right=right
        )


class StaleVersion(DomainError, code="stale_version", kind=Kind.STALE):
    """Somebody else saved the same field since the form was opened.

    `conflicts` maps each field to `(yours, theirs)`; `current` holds every submitted field as it stands now.
    """

    def __init__(self, *, conflicts: dict[str, tuple[Any, Any]], current: dict[str, Any], version: int) -> None:
        super().__init__(
            _(
                "Somebody else changed the same thing while you were editing. Nothing was saved; "
                "choose which value stays."
            ),
            changed_fields=sorted(conflicts),
            current=current,
            version=version,
        )
        self.conflicts = conflicts
        self.current = current
        self.version = version


class VersionRequired(DomainError, code="version_required", kind=Kind.PRECONDITION):
    """A change of an editable row came without the version it was made from."""

    def __init__(self) -> None:
        super().__init__("Say which version you changed, so that nobody's work is overwritten. Nothing was saved.")


class Busy(DomainError, code="busy", kind=Kind.BUSY):
    """A lock could not be had in time."""

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or _("Somebody is working on exactly this at the moment. Nothing was changed; try again in a moment.")
        )


class DatabaseAway(DomainError, code="database_away", kind=Kind.BUSY):
    """The database restarts or cannot be reached; whether a write under way was done, only a repeat can tell."""

    def __init__(self) -> None:
        super().__init__(_("The hotel's records cannot be reached. Nothing was confirmed; try again in a few seconds."))


class AlreadyTaken(DomainError, code="already_taken"):
    """A unique value is in use."""


class InvalidValue(DomainError, code="invalid_value", kind=Kind.RULE):
    """A value can be read, but breaks a rule."""
