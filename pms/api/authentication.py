"""Who calls: the bearer token in the Authorization header, nothing else.

allauth's own class for Django REST framework leaves `request.user` empty for client credentials, answers 403 where 401
is due, takes `*` literally, and reads a token out of the address as well, from where it would get into logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.idp.oidc.internal.resources import is_resources_subset
from allauth.idp.oidc.models import Token
from django.core.exceptions import ObjectDoesNotExist
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from pms.accounts import access
from pms.accounts.models import User

from . import scopes
from .models import ApiClient, ApiGrant
from .selectors import access_token, living_grant


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
    def owner(self) -> str:
        """Return whose Idempotency-Keys these are: two people never meet in a program that both use."""
        return f"api:{self.client.pk}" + (f":{self.user.pk}" if self.given else "")


class ClientAuthentication(BaseAuthentication):
    """Authenticates a partner's program as its service user or its person; `request.auth` is the `Grant`."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        """Return the user and the grant, None without a token.

        Raises `AuthenticationFailed` for a token that is unknown, expired, for another address, or whose client was
        disabled: one answer for all, so that nobody learns which.
        """
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = access_token(value.strip()) if scheme.lower() == "bearer" and value.strip() else None
        client = _client_of(token)
        if token is None or client is None or not _meant_for(token, request):
            raise AuthenticationFailed
        grant = _for_person(token, client) if client.on_behalf else _for_itself(token, client)
        if grant is None:
            raise AuthenticationFailed
        return grant.user, grant

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750)."""
        return 'Bearer realm="api"'


def _for_itself(token: Token, client: ApiClient) -> Grant | None:
    """Return the grant of a program that works on its own account."""
    if token.user_id is not None:
        return None
    granted = scopes.expand(token.get_scopes()) & scopes.expand(client.scopes)
    access.narrow(client.user, properties=client.properties, rights=scopes.rights_of(granted))
    return Grant(client, client.user, granted)


def _for_person(token: Token, client: ApiClient) -> Grant | None:
    """Return the grant of a program that acts for somebody: no more than she, the program and her word to it allow."""
    person: Any = token.user
    given = living_grant(client, person) if person is not None and person.is_active else None
    if given is None:
        return None
    granted = scopes.expand(token.get_scopes()) & scopes.expand(client.scopes) & scopes.expand(given.scopes)
    hotels = set(given.properties) & set(client.properties)
    access.narrow(person, properties=hotels, rights=scopes.rights_of(granted))
    return Grant(client, person, granted, given)


def _client_of(token: Token | None) -> ApiClient | None:
    if token is None or token.client is None:
        return None
    try:
        client: ApiClient = token.client.api_client
    except ObjectDoesNotExist:
        return None  # a client of sign-in, not of this API
    return client if client.is_active and client.user.is_active else None


def _meant_for(token: Token, request: Request) -> bool:
    """Tell whether a token that was asked for with a target (RFC 8707) may be used at this address."""
    allowed: bool = is_resources_subset([request.build_absolute_uri(request.path)], token.get_resources())
    return allowed
