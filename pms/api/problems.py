"""Every refusal of the public API as `application/problem+json` (RFC 9457): one shape, stable codes, facts as members.

The only place where an error of whatever origin becomes an answer of the API; docs/api.md has the table of statuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.signals import got_request_exception
from django.db import DatabaseError, DataError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from pms.core import db_errors
from pms.core.acting import acting
from pms.core.errors import DomainError, NotThere, StaleVersion
from pms.core.http import RETRY_AFTER, STATUS
from pms.core.idempotency import InProgress
from pms.events.base import as_json

from .errors import CursorExpired, UnknownParameter
from .versions import etag

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
# Where HTTP has a word that pages do not need.
OWN_STATUS: dict[type[DomainError], int] = {CursorExpired: 410}
STANDARD_MEMBERS = frozenset({"type", "title", "status", "detail", "code", "errors", "request_id"})
ASK_AGAIN_AFTER = "1"


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal, ready to be told."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the JSON object; facts never hide a standard member."""
        facts = {name: as_json(value) for name, value in self.facts.items() if name not in STANDARD_MEMBERS}
        return {
            "type": type_uri(self.code),
            "title": title_of(self.code),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
            "request_id": acting().request_id,
            **facts,
        }

    def response(self) -> HttpResponse:
        """Return the answer, in its own media type whatever the client accepts: a refusal must be readable."""
        # Escaped to ASCII: a detail may quote half a surrogate pair from the request, which UTF-8 cannot carry.
        text = json.dumps(self.body(), default=str)
        return HttpResponse(text, status=self.status, content_type=MEDIA_TYPE, headers=dict(self.headers))


def type_uri(code: str) -> str:
    """Return the address that explains the refusal `code` to a person."""
    return f"{settings.SITE_URL}/api/v1/docs/errors#{code}"


def status_for(kind: type[DomainError]) -> int:
    """Return the HTTP status of a kind of refusal."""
    return OWN_STATUS.get(kind) or STATUS[kind.kind]


def title_of(code: str) -> str:
    """Return the short name of a refusal, the same for every occurrence."""
    return code.replace("_", " ").capitalize()


SERVER_ERROR = Problem(
    500,
    "server_error",
    "This is a fault of ours. Nothing was saved by this request; it is safe to send it again with the same "
    "Idempotency-Key. If it comes back, tell us the request_id.",
)


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer any error that a view of the API raised (the `EXCEPTION_HANDLER` of REST_FRAMEWORK)."""
    request = context["request"]
    return respond(error, getattr(request, "_request", request))


def respond(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return the answer to `error`; a fault of ours is logged whole and told as little as possible."""
    problem = problem_of(error)
    if problem is None:
        log.error("api.fault", path=request.path, method=request.method, exc_info=error)
        got_request_exception.send(sender=None, request=request)  # as Django does for a view that raises
        problem = SERVER_ERROR
    else:
        log.info("api.refused", code=problem.code, status=problem.status, path=request.path)
    return problem.response()


def problem_of(error: Exception) -> Problem | None:
    """Return how to tell `error` to a client, or None if it is a fault of ours."""
    for kind, describe in DESCRIPTIONS:
        if isinstance(error, kind):
            return describe(error)
    return None


def refusal(error: DomainError) -> Problem:
    """Return how to tell a refusal of the domain to a client."""
    headers: dict[str, str] = {}
    if error.kind in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[error.kind]
    if isinstance(error, InProgress):
        headers["Retry-After"] = ASK_AGAIN_AFTER
    if isinstance(error, StaleVersion):
        headers["ETag"] = etag(error.version)
    if error.code == "insufficient_scope":
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.facts["scope"]}"'
    errors = [_entry(error.field, error.code, error.message)] if error.field else []
    if isinstance(error, UnknownParameter):
        errors = [_entry(name, error.code, "There is no such parameter.") for name in error.names]
    return Problem(status_for(type(error)), error.code, error.message, errors, error.facts, headers)


def _unreadable(error: exceptions.ValidationError) -> Problem:
    errors = list(_flatten(error.detail))
    codes = {entry["code"] for entry in errors}
    code = codes.pop() if codes in ({"unknown_field"}, {"unknown_parameter"}) else "unreadable"
    places = ", ".join(dict.fromkeys(entry["field"] for entry in errors if entry["field"])) or "the body"
    return Problem(400, code, f"This could not be read: {places}. Nothing was done; see `errors`.", errors)


def _no_token(error: exceptions.APIException) -> Problem:
    given = isinstance(error, exceptions.AuthenticationFailed)
    challenge = 'Bearer realm="api"' + (', error="invalid_token"' if given else "")
    detail = (
        "The access token is unknown, expired or no longer allowed. Nothing was done; ask for a new token."
        if given
        else "This needs an access token in the header `Authorization: Bearer …`. Nothing was done."
    )
    code = "invalid_token" if given else "not_authenticated"
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})


def _throttled(error: exceptions.Throttled) -> Problem:
    wait = max(1, round(getattr(error, "wait", None) or 1))
    detail = f"This client may ask again in {wait} s. Nothing was done."
    return Problem(429, "rate_limited", detail, facts={"retry_after": wait}, headers={"Retry-After": str(wait)})


# Codes without a class of their own, for the page that explains them: code → (status, meaning).
FRAMEWORK: dict[str, tuple[int, str]] = {
    "not_authenticated": (401, "The request carries no access token."),
    "invalid_token": (401, "The access token is unknown, expired or no longer allowed."),
    "method_not_allowed": (405, "The address does not know this method; `Allow` says which it knows."),
    "not_acceptable": (406, "Only JSON is spoken here."),
    "unsupported_media_type": (415, "The body must be JSON."),
    "content_too_large": (413, "The body is larger than this API takes."),
    "rate_limited": (429, "The client asked more often than it may; `Retry-After` says when it may again."),
    "unknown_field": (400, "The body has a field that this operation does not know."),
    "server_error": (500, "A fault of ours; nothing was saved."),
}
FRAMEWORK_CODES = {400: "unreadable", 403: "not_allowed", 404: "not_found"}


def _framework(error: exceptions.APIException) -> Problem:
    status = error.status_code
    code = FRAMEWORK_CODES.get(status) or HTTPStatus(status).phrase.lower().replace(" ", "_")
    headers = {"Allow": ", ".join(error.allowed)} if isinstance(error, MethodNotHere) else {}
    return Problem(status, code, f"{error.detail} Nothing was done.", headers=headers)


class MethodNotHere(exceptions.MethodNotAllowed):
    """A method that the address does not know; says which it knows."""

    def __init__(self, method: str, allowed: list[str]) -> None:
        super().__init__(method)
        self.allowed = allowed


def _model_rule(error: ModelValidationError) -> Problem:
    """A value the model refused (a time zone that does not exist): readable, but it breaks a rule."""
    found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [_entry(name, "invalid_value", text) for name, texts in found.items() for text in texts]
    return Problem(422, "invalid_value", "A value breaks a rule. Nothing was saved; see `errors`.", errors)


def _database(error: DatabaseError) -> Problem | None:
    told = db_errors.domain_error(error)
    if told is not None:
        return refusal(told)
    if isinstance(error, DataError):  # a number too large for its column: no rule caught it before
        log.warning("api.data_error", error=str(error))
        return Problem(422, "invalid_value", "A value cannot be stored. Nothing was saved; check numbers and texts.")
    return None


def _too_big(_error: RequestDataTooBig) -> Problem:
    return Problem(413, "content_too_large", "The body is larger than this API takes. Nothing was done; send parts.")


def _suspicious(_error: SuspiciousOperation) -> Problem:
    return Problem(400, "unreadable", "The request could not be read. Nothing was done.")


# First match wins, so the special stand before the general.
DESCRIPTIONS: list[tuple[Any, Callable[[Any], Problem | None]]] = [
    (DomainError, refusal),
    (exceptions.ValidationError, _unreadable),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), _no_token),
    (exceptions.Throttled, _throttled),
    (exceptions.APIException, _framework),
    (Http404, lambda _error: refusal(NotThere())),
    (PermissionDenied, lambda _error: Problem(403, "not_allowed", "This is not allowed. Nothing was done.")),
    (ModelValidationError, _model_rule),
    (RequestDataTooBig, _too_big),
    (SuspiciousOperation, _suspicious),
    ((DatabaseError, InterfaceError), _database),
]


def _entry(name: str | None, code: str, detail: str) -> dict[str, str]:
    return {"field": name or "", "code": code, "detail": detail}


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield one entry per leaf of DRF's nested error detail, the place written `reservations.0.adults`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _flatten(inner, here)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flatten(inner, f"{path}.{index}" if nested and path else str(index) if nested else path)
    else:
        yield _entry(path, str(getattr(detail, "code", "invalid")), str(detail))
