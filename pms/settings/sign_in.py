"""Reads which OpenID Connect providers people may sign in with, and refuses a start with one that would not be safe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import env

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def openid_providers() -> list[dict[str, Any]]:
    """Return the providers of `OPENID_PROVIDERS` (a JSON list), or the one that the single `OPENID_…` settings name."""
    asked = env.json("OPENID_PROVIDERS", default=[])
    issuer = env.str("OPENID_ISSUER", default="")
    if issuer:
        asked = [*asked, _single(issuer)]
    if not isinstance(asked, list) or not all(isinstance(one, dict) for one in asked):
        raise ImproperlyConfigured("OPENID_PROVIDERS is no JSON list of objects. Nothing was started.")
    found = [_checked(one) for one in asked]
    for name in ("key", "issuer"):
        if len({one[name] for one in found}) < len(found):
            raise ImproperlyConfigured(f"Two OpenID providers have the same {name}. Nothing was started.")
    return found


def _single(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "name": env.str("OPENID_NAME", default=""),
        "client_id": env.str("OPENID_CLIENT_ID", default=""),
        "client_secret": env.str("OPENID_CLIENT_SECRET", default=""),
        "domains": env.list("OPENID_DOMAINS", default=[]),
        "second_step": env.bool("OPENID_SECOND_STEP", default=False),
    }


def _checked(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return the provider as `pms.accounts.providers.Provider` takes it. The secret never stands in an error."""
    issuer = str(one.get("issuer", ""))
    parts = urlsplit(issuer)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if not safe or not parts.hostname or parts.query or parts.fragment or len(issuer) > 255:
        raise ImproperlyConfigured(f"The OpenID issuer {issuer!r} is no https:// address. Nothing was started.")
    for name in ("client_id", "client_secret"):
        if not isinstance(one.get(name), str) or not one[name]:
            raise ImproperlyConfigured(f"The OpenID provider {issuer} has no {name}. Nothing was started.")
    domains = one.get("domains")
    if not isinstance(domains, list) or not domains or not all(isinstance(name, str) and name for name in domains):
        raise ImproperlyConfigured(
            f"The OpenID provider {issuer} names no domains: say whose mail addresses it may vouch for. "
            "Nothing was started."
        )
    key = str(one.get("key", "sso"))
    if not KEY.fullmatch(key):
        raise ImproperlyConfigured(f"The key {key!r} of an OpenID provider is no short name. Nothing was started.")
    if not isinstance(one.get("second_step", False), bool):
        raise ImproperlyConfigured(f"second_step of the OpenID provider {issuer} is not true or false.")
    return {
        "key": key,
        "name": str(one.get("name") or parts.hostname),
        "issuer": issuer,
        "client_id": one["client_id"],
        "client_secret": one["client_secret"],
        "domains": frozenset(name.strip().lstrip("@").casefold() for name in domains),
        "second_step": one.get("second_step", False),
    }
