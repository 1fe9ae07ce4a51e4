"""What pages and API share over HTTP: how a domain error is answered, and what htmx asks for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from .errors import DomainError, Kind

STATUS: dict[Kind, int] = {
    Kind.UNREADABLE: 400,
    Kind.FORBIDDEN: 403,
    Kind.MISSING: 404,
    Kind.STATE: 409,
    Kind.STALE: 412,
    Kind.RULE: 422,
    Kind.CLOSED: 423,
    Kind.PRECONDITION: 428,
    Kind.LIMITED: 429,
    Kind.BUSY: 503,
}
RETRY_AFTER = {Kind.BUSY: "1", Kind.LIMITED: "300"}


def status_of(error: DomainError) -> int:
    """Return the HTTP status that says what kind of error this is (api.md)."""
    return STATUS[error.kind]


def is_htmx(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a piece (a boosted link asks for a page)."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted
