"""Links that let somebody in: how often they may be tried, and that no log holds them; counted by `counters`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse

from pms.core.middleware import answer

from .errors import TooManyTries


def limited(request: HttpRequest, action: str, *, key: str | None = None) -> None:
    """Count one try of `action` (see ACCOUNT_RATE_LIMITS). Raises `TooManyTries` beyond its limit.

    `key` is what a limit per key counts by; it is kept as a digest only.
    """
    if not ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True):
        raise TooManyTries


def secret_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer too many tries here, and keep the address out of the log, where Django writes each refused one."""

    @wraps(view)
    def open_link(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except TooManyTries as error:
            response = answer(request, error)
        response._has_been_logged = True  # type: ignore[attr-defined]  # as Django's own log_response marks it
        return response

    return open_link
