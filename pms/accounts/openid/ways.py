"""Providers that a person may be asked by again."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.models import OpenidIdentity
from pms.accounts.providers import providers


def ways_to_prove(user: Any) -> list[dict[str, str]]:
    """Return the providers that have vouched for her before, as the library lists ways to prove who one is."""
    if not (offered := providers()):
        return []
    linked = set(OpenidIdentity.objects.filter(user_id=user.pk).values_list("issuer", flat=True))
    return [
        {
            "id": f"openid:{one.key}",
            "name": one.name,
            "description": _("Sign in again with %(name)s") % {"name": one.name},
            "url": reverse("openid_prove", args=[one.key]),
        }
        for one in offered
        if one.issuer in linked
    ]
