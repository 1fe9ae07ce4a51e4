"""Who calls: the bearer token in the Authorization header, nothing else.

allauth's own class for Django REST framework leaves `request.user` empty for client credentials, answers 403 where 401
is due, takes `*` literally, and reads a token out of the address as well, from where it would get into logs.
"""

from __future__ import annotations

from allauth.idp.oidc.internal.resources import is_resources_subset
from allauth.idp.oidc.models import Token
from django.core.exceptions import ObjectDoesNotExist
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from pms.accounts.models import User

from .held import Grant, grant_of
from .models import ApiClient
from .selectors import access_token

__all__ = ["ClientAuthentication", "Grant"]


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
        grant = grant_of(client, token.user, token.get_scopes())
        if grant is None:
            raise AuthenticationFailed
        return grant.user, grant

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 6750)."""
        return 'Bearer realm="api"'


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
