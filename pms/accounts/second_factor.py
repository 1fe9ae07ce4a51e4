"""The library's hooks for second steps: secrets encrypted at rest, passkeys named after the device."""

from __future__ import annotations

import re
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter

from pms.core.crypto import decrypt, encrypt

from .models import User
from .templatetags.devices import device_name

# How `pms.core.crypto` begins what it wrote. What was stored before secrets were encrypted is read as it is.
ENCRYPTED = re.compile(r"[0-9a-f]{8}:")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the app's key and the seed of recovery codes unreadable in a stolen backup."""

    def encrypt(self, text: str) -> str:
        """Return `text` as it is stored."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was stored. Raises `CannotDecrypt` where its key is gone."""
        return str(decrypt(encrypted_text)) if ENCRYPTED.match(encrypted_text) else encrypted_text

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a new passkey is called until its owner calls it something else: the device it was made on."""
        return device_name(context.request.META.get("HTTP_USER_AGENT", ""))

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return who the passkey is for; browsers list it by the e-mail address."""
        return {**super().get_public_key_credential_user_entity(user), "name": user.email}
