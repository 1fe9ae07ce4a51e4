"""One line in the log and one count for each request: who asked what, what came of it, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject, empty

from .metrics import LATENCY, REQUESTS

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
# Asked every few seconds by machines: counted, not told.
UNTOLD = frozenset({"healthz", "readyz", "metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ObservedMiddleware:
    """Measures each request; stands directly inside the middleware that gives it its id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        LATENCY.labels(route).observe(seconds)
        if route not in UNTOLD:
            log.info(
                "request",
                method=method,
                route=route,
                status=response.status_code,
                duration_ms=round(seconds * 1000, 1),
                user=_user(request),
                hotel=_hotel(request),
            )
        return response


def route_of(request: HttpRequest) -> str:
    """Return the name of the address, or its pattern where it has none: as many values as the URLconf has lines."""
    match: Any = getattr(request, "resolver_match", None)
    if match is None:
        return "unknown"
    named = match.view_name if match.url_name else ""
    return str(named or match.route or "unknown")


def _user(request: HttpRequest) -> str:
    """Return the id of who asked, if the request found out: asking the session here would cost a query."""
    user: Any = request.__dict__.get("user")
    if isinstance(user, LazyObject) and user._wrapped is empty:  # type: ignore[attr-defined]  # as Django itself asks
        return ""
    return str(user.pk) if getattr(user, "is_authenticated", False) else ""


def _hotel(request: HttpRequest) -> str:
    match: Any = getattr(request, "resolver_match", None)
    named = match.kwargs if match else {}
    return str(named.get("code") or named.get("property_code") or "")[:12].upper()
