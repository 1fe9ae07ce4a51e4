"""The endpoints that programs call to get tokens and to give them back (RFC 6749, 7636, 7009), in OAuth's own words."""

from __future__ import annotations

import hashlib
import json

from allauth.core.internal.httpkit import extract_basic_auth
from allauth.idp.oidc.internal.oauthlib.server import get_server
from allauth.idp.oidc.internal.oauthlib.utils import extract_params, get_validator_context, respond_json_error
from allauth.idp.oidc.models import Client
from allauth.idp.oidc.views import RevokeView, TokenView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from .selectors import token_client
from .services import (
    expired_tokens_forget,
    refresh_token_hold,
    refresh_token_reused,
    refresh_token_spent,
    token_revoke,
)

# Longer than a code lives (IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN): within it a second use is seen.
CODE_REMEMBERED = 600


class TokenApi(TokenView):
    """A token for client credentials, for a code that a person's consent gave, or for a refresh token."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return a token, or the error of the RFC; allauth would answer a malformed `resource` with a fault."""
        if any("\x00" in value for value in request.POST.values()):
            return JsonResponse({"error": "invalid_request"}, status=400)
        know_client(request)
        try:
            response = self._answer(request)
        except ValidationError:
            return JsonResponse({"error": "invalid_target"}, status=400)
        if response.status_code == 200:
            expired_tokens_forget(access_token=json.loads(response.content)["access_token"])
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code == 401:
            response["WWW-Authenticate"] = 'Basic realm="api"'
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        grant_type = request.POST.get("grant_type")
        if grant_type == Client.GrantType.AUTHORIZATION_CODE and not _claim(request.POST.get("code", "")):
            return JsonResponse({"error": "invalid_grant"}, status=400)
        with transaction.atomic():
            if grant_type == Client.GrantType.REFRESH_TOKEN:
                return self._renewed(request, request.POST.get("refresh_token", ""))
            response: HttpResponse = super().post(request)
        return response

    def _renewed(self, request: HttpRequest, value: str) -> HttpResponse:
        """Trade a refresh token for new ones; one that was spent before ends all that came from the same word."""
        token = refresh_token_hold(value=value)
        response: HttpResponse = super().post(request)
        if token is not None and response.status_code == 200:
            refresh_token_spent(token=token)
        # 400 and not 401: the client proved who it is.
        if token is None and response.status_code == 400:
            refresh_token_reused(value=value, client_id=client_id_of(request))
        return response


class RevokeApi(RevokeView):
    """Gives a token back."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the token, if it is one of this client; a token that is not there is no error."""
        know_client(request)
        asked = Request(*extract_params(request))
        try:
            get_server().validate_revocation_request(asked)
        except OAuth2Error as error:
            refusal: HttpResponse = respond_json_error(request, error)
            return refusal
        token_revoke(value=asked.token, client_id=asked.client.pk)
        return HttpResponse(headers={"Cache-Control": "no-store"})


def know_client(request: HttpRequest) -> None:
    """Let allauth work with the client as we know it: none that was shut out, both secrets after a rotation."""
    client_id = client_id_of(request)
    get_validator_context().clients[client_id] = token_client(client_id) if "\x00" not in client_id else None


def client_id_of(request: HttpRequest) -> str:
    """Return the client that the request names."""
    return extract_basic_auth(request.headers)[0] or request.POST.get("client_id", "")


def _claim(code: str) -> bool:
    """Tell whether this is the first use of the code: allauth forgets it only after it has given tokens."""
    return bool(cache.add(f"api.code:{hashlib.sha256(code.encode()).hexdigest()}", 1, timeout=CODE_REMEMBERED))
