"""The OpenID Connect providers that the settings name; none is the usual case (`pms.accounts.openid`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Provider:
    """A house that vouches for people: who it is, who we are to it, and for which mail domains it may speak."""

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: frozenset[str]
    second_step: bool  # its own second step counts as ours

    def vouches_for(self, email: str) -> bool:
        """Tell whether it may speak for this address."""
        return email.rpartition("@")[2].casefold() in self.domains


def providers() -> list[Provider]:
    """Return all, in the order of the settings."""
    return [Provider(**one) for one in settings.OPENID_PROVIDERS]


def provider_of(key: str) -> Provider | None:
    """Return the one with this key in its address."""
    return next((one for one in providers() if one.key == key), None)


def counted_issuers() -> frozenset[str]:
    """Return the issuers whose second step counts as ours."""
    return frozenset(one.issuer for one in providers() if one.second_step)
