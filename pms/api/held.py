"""What a program may do at this moment: its own scopes, the person's word, and the rights of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pms.accounts import access
from pms.accounts.models import User

from . import scopes
from .models import ApiClient, ApiGrant
from .selectors import living_grant


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is good for: the client it was given to and its scopes, `*` written out.

    `user` is the client's service user, or the person for whom it acts; then `given` says what she allowed. This copy
    of the user is held to the scopes and hotels of the token by `pms.accounts.access`.
    """

    client: ApiClient
    user: User
    scopes: frozenset[str]
    given: ApiGrant | None = None

    @property
    def person(self) -> User | None:
        """Return for whom the program acts, None if it works on its own account."""
        return self.user if self.given else None

    @property
    def owner(self) -> str:
        """Return whose Idempotency-Keys these are: two people never meet in a program that both use."""
        return f"api:{self.client.pk}" + (f":{self.user.pk}" if self.given else "")


def grant_of(client: ApiClient, person: Any, codes: Iterable[str]) -> Grant | None:
    """Return what the client may do now with a token for these scopes, or None if it may do nothing any more.

    `person` is for whom it acts, None for a program on its own account. The user of the grant is narrowed to it.
    """
    if not (client.is_active and client.user.is_active):
        return None
    return _for_person(client, person, codes) if client.on_behalf else _for_itself(client, person, codes)


def _for_itself(client: ApiClient, person: Any, codes: Iterable[str]) -> Grant | None:
    if person is not None:
        return None
    granted = scopes.expand(codes) & scopes.expand(client.scopes)
    access.narrow(client.user, properties=client.properties, rights=scopes.rights_of(granted))
    return Grant(client, client.user, granted)


def _for_person(client: ApiClient, person: Any, codes: Iterable[str]) -> Grant | None:
    """No more than she, the program and her word to it allow together."""
    given = living_grant(client, person) if person is not None and person.is_active else None
    if given is None:
        return None
    granted = scopes.expand(codes) & scopes.expand(client.scopes) & scopes.expand(given.scopes)
    access.narrow(person, properties=set(given.properties) & set(client.properties), rights=scopes.rights_of(granted))
    return Grant(client, person, granted, given)
