"""Judges an id_token (OpenID Connect Core 3.1.3.7): what is not proved is not believed.

The signature is always checked, although the token comes over TLS from the provider itself, with a public key of the
provider and an algorithm that we chose: neither the token nor a key may name one of ours ("none", HMAC).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import jwt
from jwt.types import Options

from pms.accounts.providers import Provider

from .errors import OpenidRefused
from .wire import Line

# The algorithm of a token → the kind of key that it needs.
ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
CHECKS: Options = {
    "require": ["iss", "sub", "aud", "exp", "iat"],
    "verify_signature": True,
    "verify_iss": True,
    "verify_aud": True,
    "verify_exp": True,
    "verify_iat": True,
    "verify_nbf": True,
}
LEEWAY = 30  # seconds by which two clocks may differ
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider vouches for."""

    subject: str
    email: str  # empty unless the provider says that it is verified
    second_step: bool
    auth_time: int | None


def claims_of(line: Line, raw: str, *, nonce: str) -> Claims:
    """Return what the token says, once all of it is proved. Raises `OpenidRefused`."""
    provider = line.provider
    try:
        header = jwt.get_unverified_header(raw)
        said = jwt.decode(
            raw,
            key=_key(line, header),
            algorithms=list(ALGORITHMS),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options=CHECKS,
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise OpenidRefused("token", detail=type(error).__name__) from None
    _check_party(provider, said)
    _check_nonce(said, nonce)
    subject = said["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
        raise OpenidRefused("token", detail="sub")
    return Claims(subject, _verified_email(said), _second_step(said), _auth_time(said))


def _key(line: Line, header: dict[str, Any]) -> jwt.PyJWK:
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise OpenidRefused("token", detail="algorithm")
    found = _fitting(line.keys(), header) or _fitting(line.keys(anew=True), header)
    if len(found) != 1:  # without an id of the key there may be but one
        raise OpenidRefused("token", detail="key")
    return jwt.PyJWK(found[0], algorithm=algorithm)


def _fitting(keys: Sequence[dict[str, Any]], header: dict[str, Any]) -> list[dict[str, Any]]:
    algorithm = header["alg"]
    return [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and ("kid" not in header or key.get("kid") == header["kid"])
    ]


def _check_party(provider: Provider, said: dict[str, Any]) -> None:
    """Refuse a token that was made for another program, even if we are among its readers."""
    several = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if said.get("azp", None if several else provider.client_id) != provider.client_id:
        raise OpenidRefused("token", detail="azp")


def _check_nonce(said: dict[str, Any], nonce: str) -> None:
    """Refuse a token of another sign-in."""
    if not compare_digest(str(said.get("nonce", "")).encode(), nonce.encode()):
        raise OpenidRefused("token", detail="nonce")


def _verified_email(said: dict[str, Any]) -> str:
    email = said.get("email")
    return email if isinstance(email, str) and said.get("email_verified") is True else ""


def _second_step(said: dict[str, Any]) -> bool:
    """Tell whether the provider says that it asked for a second step (RFC 8176), in either of the two claims."""
    methods, context = said.get("amr"), said.get("acr")
    by_method = isinstance(methods, list) and "mfa" in methods
    return by_method or (isinstance(context, str) and "mfa" in re.split(r"[^a-z0-9]+", context.casefold()))


def _auth_time(said: dict[str, Any]) -> int | None:
    at = said.get("auth_time")
    return at if isinstance(at, int) and not isinstance(at, bool) else None
