"""Pages on which people let programs act for them, and take it back (RFC 6749, 4.1 with PKCE)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.internal.oauthlib.server import get_server
from allauth.idp.oidc.internal.oauthlib.utils import extract_headers, get_uri
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.oauth2.rfc6749 import errors

from pms.accounts.access import rights_at, works_at

from . import scopes as registry
from .forms import ConsentForm
from .models import ApiClient
from .selectors import app_asking, grant_of, grants_of, hotels_by_id
from .services import api_grant_give, api_grant_revoke


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for consent that is in order: the app, where the answer goes, and the scopes it asks for."""

    app: ApiClient
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]

    def refused(self, error: str, description: str = "") -> HttpResponse:
        """Send the person back to the app with an error of the RFC."""
        told = {"error": error, "error_description": description, "state": self.state}
        join = "&" if "?" in self.redirect_uri else "?"
        return _sent_to(f"{self.redirect_uri}{join}{urlencode({key: text for key, text in told.items() if text})}")


class WrongLink(Exception):
    """The request cannot be trusted far enough to send anybody back: the person is told here."""


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask a person what an app may do for her and at which hotels; send her back with a code, or with a refusal."""
    try:
        asked = _asked(request)
    except WrongLink:
        return render(request, "api/consent_wrong.html", status=400)
    if isinstance(asked, HttpResponse):
        return asked
    hotels = [hotel for hotel in hotels_by_id(asked.app.properties) if works_at(request.user, hotel.pk)]
    if not hotels:
        return render(request, "api/consent_wrong.html", {"app": asked.app}, status=403)
    form = ConsentForm(
        request.POST or None,
        hotels=[(str(hotel.pk), hotel.name) for hotel in hotels],
        scopes=[(code, str(registry.registered()[code].label)) for code in asked.scopes],
    )
    if request.method == "POST":
        if request.POST.get("answer") != "allow":
            return asked.refused("access_denied")
        if form.is_valid():
            return _allowed(request, asked, form.cleaned_data)
    context = {"app": asked.app, "form": form, "back_to": urlsplit(asked.redirect_uri).netloc or asked.redirect_uri,
               "beyond": _beyond(request, hotels, asked.scopes)}  # fmt: skip
    page = render(request, "api/consent.html", context, status=422 if form.is_bound else 200)
    # The answer to this form leads to the app: without its address there the browser would stop it on the way.
    page._csp_update = {"form-action": [_source(asked.redirect_uri)]}  # type: ignore[attr-defined]  # django-csp
    return page


@never_cache
@login_required
@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """List what this person lets apps do, with the way to take it back."""
    rows = [
        {
            "grant": grant,
            "hotels": [hotel.name for hotel in hotels_by_id(grant.properties)],
            "scopes": [registry.registered()[code].label for code in sorted(registry.expand(grant.scopes))],
        }
        for grant in grants_of(request.user)  # type: ignore[arg-type]  # signed in
    ]
    return render(request, "api/apps.html", {"rows": rows})


@login_required
@require_POST
def revoke_app(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back what an app may do for this person, from this moment on."""
    grant = grant_of(request.user, pk)  # type: ignore[arg-type]  # signed in
    api_grant_revoke(grant_id=grant.pk)
    messages.success(request, _("%s no longer acts for you.") % grant.client.name)
    return redirect("identity:list_apps")


def _asked(request: HttpRequest) -> Asked | HttpResponse:
    """Return what the app asks for, or the way back to it with what is wrong. Raises `WrongLink`."""
    if any("\x00" in value for value in request.GET.values()):
        raise WrongLink
    try:
        codes, info = get_server().validate_authorization_request(get_uri(request), "GET", "", {})
    except errors.FatalClientError as error:
        raise WrongLink from error
    except errors.OAuth2Error as error:
        # The address was checked before anything else; an error of an app that was shut out stays here.
        if not error.redirect_uri or app_asking(error.client_id or "") is None:
            raise WrongLink from error
        return _sent_to(error.in_uri(error.redirect_uri))
    except ValueError as error:  # what oauthlib cannot parse
        raise WrongLink from error
    app = app_asking(info["client_id"])
    if app is None or not _exactly(app, info["redirect_uri"]):
        raise WrongLink
    asked = Asked(app, info["redirect_uri"], info.get("state") or "", tuple(sorted(registry.expand(codes))))
    if info.get("code_challenge_method") != "S256":
        return asked.refused("invalid_request", "PKCE with code_challenge_method=S256 is required.")
    if "none" in (request.GET.get("prompt") or "").split():
        return asked.refused("interaction_required")
    if not asked.scopes:
        return asked.refused("invalid_scope")
    return asked


def _exactly(app: ApiClient, uri: str) -> bool:
    """Tell whether the address is one of the app's, letter by letter (only the port of a loopback may differ)."""
    parts = urlsplit(uri)
    return uri in app.oidc.get_redirect_uris() or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"})


def _allowed(request: HttpRequest, asked: Asked, chosen: dict[str, Any]) -> HttpResponse:
    """Send the person back with a code; it and what she allowed come about together."""
    user: Any = request.user
    with transaction.atomic():
        headers, _body, _status = get_server().create_authorization_response(
            get_uri(request), "GET", "", extract_headers(request), scopes=chosen["scopes"], credentials={"user": user}
        )
        api_grant_give(
            client=asked.app,
            user_id=user.pk,
            property_ids=[uuid.UUID(pk) for pk in chosen["hotels"]],
            scopes=chosen["scopes"],
        )
    return _sent_to(headers["Location"])


def _beyond(request: HttpRequest, hotels: list[Any], codes: tuple[str, ...]) -> list[str]:
    """Return what the app asks for and this person may not do herself anywhere: it will not be able to either."""
    held = frozenset().union(*(rights_at(request.user, hotel.pk) for hotel in hotels))
    return [str(registry.registered()[code].label) for code in codes if not registry.rights_of([code]) <= held]


def _sent_to(address: str) -> HttpResponse:
    """Redirect to an app; Django's own class refuses the schemes of apps on phones."""
    return HttpResponse(status=302, headers={"Location": address, "Cache-Control": "no-store"})


def _source(uri: str) -> str:
    """Return the address as a content security policy names it."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
