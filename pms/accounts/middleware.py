"""What stands between a sign-in and the work: the second step that a hotel asks for, and when it was last used."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from pms.core.middleware import answer

from . import second_step
from .errors import SupportMayNot
from .sessions import session_seen

GetResponse = Callable[[HttpRequest], HttpResponse]
# One's own account, where it is set up; programs, which carry no session; and what says nothing about any hotel.
OPEN = ("/account/", "/api/", "/identity/o/api/", "/healthz", "/readyz", "/static/")


class SecondStepMiddleware:
    """Leads somebody who lacks her second step to the page that sets it up, whatever she asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN) or not request.user.is_authenticated or not second_step.due(request.user):
            return self.get_response(request)
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        if request.headers.get("HX-Request") == "true":
            # The whole page goes there: its pieces are refused as well.
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("account_second_step")})
        return redirect(reverse("account_second_step") + back)


class LastUsedMiddleware:
    """Notes when and from where a sign-in was last used, for the list of one's devices."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Asked of what the answer needed anyway: a request that looked at no session costs none here.
        # The API leaves nobody there.
        user = request.user if hasattr(request, "_cached_user") else None
        if user is not None and user.is_authenticated:
            key = request.session.session_key
            if key is not None:
                session_seen(key, request.META.get("REMOTE_ADDR"))
        return response


class SupportMiddleware:
    """Keeps who acts in somebody's name away from what is hers alone: her account, consents, the administration."""

    CLOSED = ("/account/", "/identity/", "/admin/", "/invitation/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.CLOSED) and getattr(request.user, "acted_by", None) is not None:
            return answer(request, SupportMayNot())
        return self.get_response(request)
