"""A few seconds to take a safe act back. What stood there before is kept here until then, encrypted; the address that
takes it back carries only a key, so nothing about guests or colleagues stands in it.

    undo = undo_offered(request, hotel, "notes", pk, {"before": …, "after": …, "version": row.version})
    facts = undo_asked(request, hotel, "notes", pk, token)

The view that takes back gives `facts` to the service that made the change, as if somebody had typed it: what others
changed meanwhile is merged, what they changed in the same place stays (`StaleVersion`), and the audit log tells of it.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from pms.core.crypto import decrypt, encrypt
from pms.core.errors import InvalidValue

from .models import Property

UNDO_SECONDS = 15  # the toast counts ten; a slow line gets the rest


def undo_offered(request: HttpRequest, hotel: Property, what: str, pk: uuid.UUID, facts: Mapping[str, Any]) -> str:
    """Keep `facts` (JSON) for this person and act, and return the key to them."""
    token = secrets.token_urlsafe(18)
    cache.set(_place(request, hotel, what, pk, token), encrypt(dict(facts)), UNDO_SECONDS)
    return token


def undo_asked(request: HttpRequest, hotel: Property, what: str, pk: uuid.UUID, token: str) -> dict[str, Any]:
    """Return what was kept, once. Raises `InvalidValue` for everybody else, and when it is too late."""
    place = _place(request, hotel, what, pk, token)
    kept = cache.get(place)
    if kept is None:
        raise InvalidValue(_("It was too late to take that back. It stays as it is."))
    cache.delete(place)
    facts: dict[str, Any] = decrypt(kept)
    return facts


def undo_overtaken() -> str:
    """Return what is said when somebody else changed the same meanwhile."""
    return _("Somebody else changed this meanwhile, so it was not taken back. Nothing of theirs is lost.")


def _place(request: HttpRequest, hotel: Property, what: str, pk: uuid.UUID, token: str) -> str:
    return f"undo:{what}:{hotel.pk}:{pk}:{request.user.pk}:{token}"
