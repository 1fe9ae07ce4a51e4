"""To a provider and back: signing in, and "is it still you?"."""

from __future__ import annotations

from typing import cast

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import Login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pms.accounts.limits import limited
from pms.accounts.models import User
from pms.accounts.providers import Provider, provider_of
from pms.core.errors import NotThere

from .counting import METHOD
from .errors import OpenidRefused
from .flow import Arrival, begin, finish
from .people import check_is, person_of

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the provider, to sign in."""
    return _leave(request, key, proving=False)


@require_safe
@never_cache
@login_required
def prove(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the provider, to be asked again who one is."""
    return _leave(request, key, proving=True)


@require_safe
@never_cache
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Judge the answer of the provider: sign in, go on with what was asked for, or say why not."""
    provider = _provider(key)
    limited(request, "openid")
    try:
        arrival = finish(request, provider)
        return _proved(request, provider, arrival) if arrival.proving else _come_in(request, provider, arrival)
    except OpenidRefused as error:
        return _refused(request, provider, error)


def _leave(request: HttpRequest, key: str, *, proving: bool) -> HttpResponse:
    provider = _provider(key)
    limited(request, "openid")
    try:
        return redirect(begin(request, provider, to=_next(request), proving=proving))
    except OpenidRefused as error:
        return _refused(request, provider, error)


def _come_in(request: HttpRequest, provider: Provider, arrival: Arrival) -> HttpResponse:
    user = person_of(provider=provider, claims=arrival.claims)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    _record(request, user, provider, arrival)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=arrival.to or "/"))
    return answer


def _proved(request: HttpRequest, provider: Provider, arrival: Arrival) -> HttpResponse:
    user = cast(User, request.user)
    check_is(user, provider=provider, claims=arrival.claims)
    _record(request, user, provider, arrival, reauthenticated=True)
    # Where the library reads which form it has kept.
    request.GET = QueryDict(urlencode({"next": arrival.to or "/"}))
    return resume_request(request) or redirect("/")


def _record(
    request: HttpRequest, user: User, provider: Provider, arrival: Arrival, *, reauthenticated: bool | None = None
) -> None:
    record_authentication(
        request,
        user,
        method=METHOD,
        issuer=provider.issuer,
        step=arrival.claims.second_step,
        reauthenticated=reauthenticated,
    )


def _refused(request: HttpRequest, provider: Provider, error: OpenidRefused) -> HttpResponse:
    """Say what happened in a sentence; the log names the check, and never what was sent."""
    log.warning("openid.refused", provider=provider.key, reason=error.reason, detail=error.detail)
    if error.reason in {"token", "unknown", "state"}:
        user_login_failed.send(sender=__name__, credentials={}, request=request)
    context = {"error": error, "provider": provider, "to": _next(request)}
    status = 503 if error.reason == "away" else 403
    answer = render(request, "account/openid_refused.html", context, status=status)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # the address holds a code
    return answer


def _provider(key: str) -> Provider:
    provider = provider_of(key)
    if provider is None:
        raise NotThere(_("That page"))
    return provider


def _next(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours else ""
