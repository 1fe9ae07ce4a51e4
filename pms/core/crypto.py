"""Secrets at rest: a JSON field that only the holder of the keys can read.

The keys live outside the database (`FIELD_ENCRYPTION_KEYS`, newest first), so a stolen backup opens nothing. Each value
says by which key it was written; older keys still read, and the next save writes with the newest (rotation).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class CannotDecrypt(RuntimeError):
    """A stored secret was written with a key that this installation does not have."""


def key_id(key: str) -> str:
    """Return the short name of a key, safe to store beside what it encrypted."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def encrypt(value: Any) -> str:
    """Return `value` (JSON) as `<key id>:<token>`, written with the newest key."""
    keys = _keys()
    token = Fernet(keys[0]).encrypt(json.dumps(value).encode())
    return f"{key_id(keys[0])}:{token.decode()}"


def decrypt(text: str) -> Any:
    """Return what was encrypted. Raises `CannotDecrypt`."""
    _, _, token = text.partition(":")
    try:
        return json.loads(MultiFernet([Fernet(key) for key in _keys()]).decrypt(token.encode()))
    except InvalidToken as error:
        raise CannotDecrypt(
            f"A stored secret was written with the key {text[:8]}, which FIELD_ENCRYPTION_KEYS does not hold. "
            "Nothing was read; add the old key behind the new one."
        ) from error


def _keys() -> list[str]:
    keys: list[str] = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is not set: secrets of channels cannot be kept without it.")
    return keys


class EncryptedJSONField(models.TextField):
    """A JSON value, encrypted in the database and plain in Python. It cannot be searched, by design."""

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else encrypt(value)

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else decrypt(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        """Never write the secret into fixtures, audits or dumps."""
        return "[hidden]"
