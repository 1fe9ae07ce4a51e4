"""One round by a provider and back: what this browser was sent away with is what it must come back with.

State, nonce and the verifier of PKCE are kept in the session, for ten minutes and for one use. The use is noted in the
database: two answers at once, or a session that is written back by a slow request, open the door once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pms.accounts.providers import Provider

from .errors import OpenidRefused
from .tokens import LEEWAY, Claims, claims_of
from .wire import Line

ROUNDS = "openid_rounds"
LIFE = 600
MOST = 5  # rounds that one browser may have begun


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back, and what for."""

    claims: Claims
    to: str
    proving: bool


def begin(request: HttpRequest, provider: Provider, *, to: str, proving: bool) -> str:
    """Return the provider's address to go to; `proving` has it ask again whoever is signed in there."""
    about = Line(provider).metadata()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    kept = dict(list(_rounds(request).items())[1 - MOST :])
    kept[state] = {
        "provider": provider.key,
        "nonce": nonce,
        "verifier": verifier,
        "to": to,
        "proving": proving,
        "at": time.time(),
    }
    request.session[ROUNDS] = kept
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": came_back_to(provider),
        "scope": "openid email",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if proving else {}),
    }
    return f"{about.authorize}{'&' if '?' in about.authorize else '?'}{urlencode(asked)}"


def finish(request: HttpRequest, provider: Provider) -> Arrival:
    """Return who came back from the provider. Raises `OpenidRefused`, and the round is over either way."""
    begun = _taken(request, provider)
    if "error" in request.GET:
        cancelled = request.GET["error"] in {"access_denied", "login_required"}
        raise OpenidRefused("cancelled" if cancelled else "provider", detail="error")
    # RFC 9207: an answer of another provider, mixed up with ours.
    if request.GET.get("iss", provider.issuer) != provider.issuer:
        raise OpenidRefused("token", detail="iss of the answer")
    code = request.GET.get("code", "")
    if not code:
        raise OpenidRefused("token", detail="no code")
    line = Line(provider)
    raw = line.exchange(code=code, verifier=begun["verifier"], redirect_uri=came_back_to(provider))
    claims = claims_of(line, raw, nonce=begun["nonce"])
    if begun["proving"]:
        _check_asked_again(claims, begun["at"])
    return Arrival(claims, begun["to"], begun["proving"])


def came_back_to(provider: Provider) -> str:
    """Return the address that the provider sends back to; it is registered there."""
    return f"{settings.SITE_URL}{reverse('openid_back', args=[provider.key])}"


def _check_asked_again(claims: Claims, begun: float) -> None:
    if claims.auth_time is None or claims.auth_time < begun - LEEWAY:
        raise OpenidRefused("again")


def _rounds(request: HttpRequest) -> dict[str, dict[str, Any]]:
    return dict(request.session.get(ROUNDS) or {})


def _taken(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """Return the round that the answer belongs to, and end it."""
    state = request.GET.get("state", "")
    kept = _rounds(request)
    begun = kept.pop(state, None)
    if begun is None:
        raise OpenidRefused("state", detail="unknown")
    request.session[ROUNDS] = kept
    if begun["provider"] != provider.key or time.time() - begun["at"] > LIFE:
        raise OpenidRefused("state", detail="old")
    if not _first_use(state):
        raise OpenidRefused("state", detail="used")
    return begun


def _first_use(state: str) -> bool:
    return cache.add(f"openid:{hashlib.sha256(state.encode()).hexdigest()}", 1, LIFE)
