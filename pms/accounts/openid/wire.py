"""Calls to a provider: what it says of itself, its keys, and a code turned into a token.

Three short calls while somebody waits at the door, so each is cut off early, together after `TOTAL` seconds. Redirects
are not followed and proxies of the environment not used: we talk to the house that the settings name, or to nobody.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx

from pms.accounts.providers import Provider

from .errors import OpenidRefused

CONNECT, READ, TOTAL = 2.0, 4.0, 6.0
MOST_BYTES = 500_000
KEPT = 600  # seconds that metadata and keys are believed without asking again
KEYS_AGAIN = 10  # a token with a key nobody knows makes us ask again, at most so often

_kept: dict[tuple[str, str], tuple[float, Any]] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider is asked (OpenID Connect Discovery 1.0), and how it wants to know us."""

    authorize: str
    token: str
    keys: str
    auth_methods: tuple[str, ...]


class Line:
    """The calls of one sign-in, which share their time."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.until = time.monotonic() + TOTAL

    def metadata(self) -> Metadata:
        """Return what the provider says of itself. Raises `OpenidRefused` if it is away, or says it is another."""
        found: Metadata = _remembered(self.provider.issuer, "metadata", KEPT, self._read_metadata)
        return found

    def keys(self, *, anew: bool = False) -> list[dict[str, Any]]:
        """Return the provider's public keys (JWK); `anew` when one is missing among those we have."""
        found = _remembered(self.provider.issuer, "keys", KEYS_AGAIN if anew else KEPT, self._read_keys)
        return list(found)

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the id_token for the code, which the provider takes once. Raises `OpenidRefused`."""
        about = self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        options: dict[str, Any] = {}
        mine = self.provider
        if "client_secret_basic" in about.auth_methods:
            # RFC 6749 2.3.1: both parts are form-encoded first.
            options["auth"] = (quote_plus(mine.client_id), quote_plus(mine.client_secret))
        elif "client_secret_post" in about.auth_methods:
            form |= {"client_id": mine.client_id, "client_secret": mine.client_secret}
        else:
            raise OpenidRefused("provider", detail="client authentication")
        said = self._call("POST", about.token, data=form, **options)
        token = said.get("id_token")
        if not isinstance(token, str) or not token:
            raise OpenidRefused("token", detail="no id_token")
        return token

    def _read_metadata(self) -> Metadata:
        issuer = self.provider.issuer
        said = self._call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise OpenidRefused("provider", detail="another issuer")
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Metadata(
            authorize=self._address(said, "authorization_endpoint"),
            token=self._address(said, "token_endpoint"),
            keys=self._address(said, "jwks_uri"),
            auth_methods=tuple(methods) if isinstance(methods, list) else (),
        )

    def _read_keys(self) -> list[dict[str, Any]]:
        found = self._call("GET", self.metadata().keys).get("keys")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def _address(self, said: dict[str, Any], name: str) -> str:
        """Return an endpoint; whoever speaks https to us sends us nowhere without."""
        address = said.get(name)
        scheme = urlsplit(address).scheme if isinstance(address, str) else ""
        if scheme not in {"https", urlsplit(self.provider.issuer).scheme}:
            raise OpenidRefused("provider", detail=name)
        return str(address)

    def _call(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        left = self.until - time.monotonic()
        if left <= 0:
            raise OpenidRefused("away", detail="time")
        timeout = httpx.Timeout(min(READ, left), connect=min(CONNECT, left))
        headers = {"Accept": "application/json"}
        try:
            with (
                httpx.Client(verify=_certificates(), timeout=timeout, trust_env=False) as client,
                client.stream(method, url, headers=headers, **options) as answer,
            ):
                read = self._read(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise OpenidRefused("away", detail=type(error).__name__) from None
        if answer.status_code >= 500:
            raise OpenidRefused("away", detail=str(answer.status_code))
        if answer.status_code != 200:
            raise OpenidRefused("token" if method == "POST" else "provider", detail=str(answer.status_code))
        try:
            said = json.loads(read)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise OpenidRefused("provider", detail="no JSON object")
        return said

    def _read(self, answer: httpx.Response) -> bytes:
        pieces, length = [], 0
        for piece in answer.iter_bytes():
            pieces.append(piece)
            length += len(piece)
            if length > MOST_BYTES or time.monotonic() > self.until:
                raise OpenidRefused("away", detail="too long")
        return b"".join(pieces)


def forget() -> None:
    """Ask every provider anew."""
    with _lock:
        _kept.clear()


@cache
def _certificates() -> Any:
    """Return whom we trust; read once, it takes a tenth of a second."""
    return httpx.create_ssl_context()


def _remembered(issuer: str, what: str, seconds: float, read: Any) -> Any:
    """Return what was read lately, or read it; nobody waits for another's call."""
    with _lock:
        at, value = _kept.get((issuer, what), (0.0, None))
    if value is not None and time.monotonic() - at < seconds:
        return value
    value = read()
    with _lock:
        _kept[issuer, what] = (time.monotonic(), value)
    return value
