"""The two ends of every request: who acts is known from its first moment, a refusal is answered in a kind way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from .acting import Acting, new_request_id, within
from .db_errors import domain_error
from .errors import DatabaseAway, DomainError, Kind, NotAllowed
from .http import RETRY_AFTER, status_of

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9_\-]{8,64}")


class RequestContextMiddleware:
    """Gives every request an id and tells the rest of the house who acts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.BEHIND_PROXY:
            _unwrap_address(request)
        asked = request.headers.get("X-Request-ID", "")
        request_id = asked if SAFE_REQUEST_ID.fullmatch(asked) else new_request_id()
        via = "api" if request.path.startswith("/api/") else "admin" if request.path.startswith("/admin/") else "web"
        current = Acting(
            via=via,
            request_id=request_id,
            address=request.META.get("REMOTE_ADDR") or None,
            user=lambda: getattr(request, "user", None),
        )
        with within(current):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


def _unwrap_address(request: HttpRequest) -> None:
    """Let `REMOTE_ADDR` be who asked the proxy, for the audit log and the limits of sign-in alike.

    The proxy in front appends to `X-Forwarded-For` whom it saw: only this last entry is its word, all others are the
    client's own.
    """
    seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    with suppress(ValueError):
        request.META["REMOTE_ADDR"] = str(ip_address(seen))


class DomainErrorMiddleware:
    """Answers a domain error that a page did not answer itself, and a database's refusal likewise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the refusal as a page or, for htmx, as a toast; None leaves a true fault to Django."""
        error = _refusal(exception)
        if error is None:
            return None
        log.info("refused", code=error.code, path=request.path)
        return answer(request, error)


def _refusal(exception: Exception) -> DomainError | None:
    if isinstance(exception, DomainError):
        return exception
    return domain_error(exception)


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Return the HTML answer to `error`: for htmx a toast, and the page keeps what it shows; else a whole page."""
    status = status_of(error)
    if isinstance(error, DatabaseAway):
        return unreachable()
    if request.headers.get("HX-Request") == "true":
        toast = {"text": error.message, "tone": "amber", "seconds": 10}
        response = HttpResponse(
            status=status, headers={"HX-Trigger": json.dumps({"toast": toast}), "HX-Reswap": "none"}
        )
    else:
        context = {"error": error, "status": status, "back": _back(request)}
        response = render(request, _page(error), context, status=status)
    if error.kind in RETRY_AFTER:
        response["Retry-After"] = RETRY_AFTER[error.kind]
    return response


def unreachable() -> HttpResponse:
    """Return the page for a database that is away. It is drawn without the shell, which would ask the database."""
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "2"})


PAGES = {Kind.MISSING: "404.html", Kind.FORBIDDEN: "403.html", Kind.UNREADABLE: "400.html"}


def _page(error: DomainError) -> str:
    if error.kind is Kind.FORBIDDEN and not isinstance(error, NotAllowed):
        return "refused.html"  # for another reason than a missing right, which no manager gives: it says which
    return PAGES.get(error.kind, "refused.html")


def _back(request: HttpRequest) -> str:
    """Return where the person came from, if that is a page of ours."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referer if ours else "/"
