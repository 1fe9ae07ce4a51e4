"""Writes of the API kernel: clients, their secrets and what they may do."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from pms.accounts.services import role_set_rights, service_user_create, user_set_active, user_set_roles
from pms.core.errors import NotThere

from . import scopes as registry
from .errors import UnknownScope
from .models import ApiClient


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made. The secret is shown this once: only its hash is kept."""

    client: ApiClient
    secret: str


@transaction.atomic
def api_client_create(
    *, name: str, property_ids: Iterable[uuid.UUID], scopes: Iterable[str], rate_per_minute: int = 6000
) -> NewClient:
    """Make a client bound to these properties, with a service user that holds the rights of its scopes there.

    `rate_per_minute` is in requests. Raises `UnknownScope`.
    """
    asked = sorted(set(scopes))
    unknown = [code for code in asked if code != registry.ALL and code not in registry.registered()]
    if unknown or not asked:
        raise UnknownScope(
            f"There is no scope {', '.join(unknown) or '(none given)'}. No client was made; the scopes are: "
            f"{', '.join(registry.registered())} or *.",
            field="scope",
            unknown=unknown,
        )
    secret = secrets.token_urlsafe(40)
    oidc = Client(name=name, type=Client.Type.CONFIDENTIAL, response_types="")
    oidc.set_secret(secret)
    _allow_tokens(oidc, asked)
    client: ApiClient = ApiClient.objects.create(
        oidc=oidc,
        user=service_user_create(name=name),
        name=name,
        properties=sorted(set(property_ids)),
        scopes=asked,
        rate_per_minute=rate_per_minute,
    )
    _grant(client)
    return NewClient(client, secret)


@transaction.atomic
def api_client_disable(*, client_id: uuid.UUID) -> ApiClient:
    """Shut the client out from this moment on: its tokens end and it gets no new ones."""
    client = _for_update(client_id)
    client.is_active = False
    client.save(update_fields=["is_active"])
    client.oidc.set_grant_types([])
    client.oidc.save(update_fields=["grant_types"])
    Token.objects.filter(client=client.oidc).delete()
    user_set_active(user_id=client.user_id, active=False)
    return client


def expired_tokens_forget(*, access_token: str) -> None:
    """Delete the expired tokens of the client to which `access_token` was just given; the table stays small."""
    given = Token.objects.by_value(access_token).first()
    if given is not None:
        Token.objects.expired().filter(client_id=given.client_id).delete()


@transaction.atomic
def api_clients_follow_scopes() -> None:
    """Bring the rights of all active clients in step with what their scopes stand for in this version."""
    for client in ApiClient.objects.select_for_update(of=("self",)).filter(is_active=True).order_by("pk"):
        _allow_tokens(client.oidc, client.scopes)
        _grant(client)


def _for_update(client_id: uuid.UUID) -> ApiClient:
    client: ApiClient | None = (
        ApiClient.objects.select_for_update(of=("self",)).select_related("oidc").filter(pk=client_id).first()
    )
    if client is None:
        raise NotThere("That API client")
    return client


def _allow_tokens(oidc: Client, asked: Iterable[str]) -> None:
    """Let the client ask for tokens with its scopes, by its secret only: no person ever consents for it.

    A client with `*` may also name single scopes, so those stand there too.
    """
    codes = list(asked)
    oidc.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    oidc.set_scopes([*registry.registered(), registry.ALL] if registry.ALL in codes else codes)
    oidc.set_default_scopes(codes)
    oidc.save()


def _grant(client: ApiClient) -> None:
    for property_id in client.properties:
        role_set_rights(property_id=property_id, role=client.role, rights=registry.rights_of(client.scopes))
        user_set_roles(user_id=client.user_id, property_id=property_id, roles=[client.role])
