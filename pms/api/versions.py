"""Versions on the wire: `ETag: "7"` goes out, `If-Match: "7"` (or `version` in the body) comes back (api.md)."""

from __future__ import annotations

import re

from .errors import Unreadable

# W/ is accepted: proxies that compress weaken the tag on the way.
TAG = re.compile(r'\s*(?:W/)?"(\d{1,9})"\s*')


def etag(version: int) -> str:
    """Return the ETag of an object at `version`."""
    return f'"{version}"'


def seen_version(header: str | None, in_body: int | None) -> int | None:
    """Return the version the client saw, or None if it names none.

    Raises `Unreadable` for anything but one version of ours (`*` would overwrite unseen work), and for a header and
    a body that contradict each other.
    """
    if header is None:
        return in_body
    match = TAG.fullmatch(header)
    if match is None:
        raise Unreadable('If-Match must name one version, such as "7". Nothing was saved.', field="If-Match")
    version = int(match.group(1))
    if in_body is not None and in_body != version:
        raise Unreadable("If-Match and the field `version` name two versions. Nothing was saved.", field="version")
    return version
