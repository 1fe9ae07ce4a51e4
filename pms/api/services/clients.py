"""Programs of partners: made, given a new secret, shut out."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.accounts.services import role_set_rights, service_user_create, user_set_active, user_set_roles
from pms.api import scopes as registry
from pms.api.errors import ClientDisabled, RedirectUriInvalid, UnknownScope
from pms.api.models import ApiClient
from pms.core.errors import NotThere

# How long the former secret still opens the token endpoint after it was rotated.
OVERLAP = dt.timedelta(hours=24)
Grants = Client.GrantType


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made. The secret is shown this once: only its hash is kept."""

    client: ApiClient
    secret: str


@transaction.atomic
def api_client_create(
    *,
    name: str,
    property_ids: Iterable[uuid.UUID],
    scopes: Iterable[str],
    rate_per_minute: int = 6000,
    redirect_uris: Sequence[str] = (),
    public: bool = False,
) -> NewClient:
    """Make a client bound to these properties, with a service user that holds the rights of its scopes there.

    With `redirect_uris` it is an app that acts for people instead: it gets no rights of its own, and people who work at
    these properties may let it in. A `public` one (a phone, a page without a server) has no secret to keep.
    `rate_per_minute` is in requests. Raises `UnknownScope`, `RedirectUriInvalid`.
    """
    asked = sorted(set(scopes))
    unknown = [code for code in asked if code != registry.ALL and code not in registry.registered()]
    if unknown or not asked:
        raise UnknownScope(
            f"There is no scope {', '.join(unknown) or '(none given)'}. Nothing was made; the scopes are: "
            f"{', '.join(registry.registered())} or *.",
            field="scope",
            unknown=unknown,
        )
    for uri in redirect_uris:
        _check_redirect(uri)
    secret = secrets.token_urlsafe(40)
    kind = Client.Type.PUBLIC if public and redirect_uris else Client.Type.CONFIDENTIAL
    oidc = Client(name=name, type=kind, response_types="code" if redirect_uris else "")
    oidc.set_redirect_uris(list(redirect_uris))
    oidc.set_secret(secret)
    _allow_tokens(oidc, asked, on_behalf=bool(redirect_uris))
    client: ApiClient = ApiClient.objects.create(
        oidc=oidc,
        user=service_user_create(name=name),
        name=name,
        properties=sorted(set(property_ids)),
        scopes=asked,
        rate_per_minute=rate_per_minute,
        on_behalf=bool(redirect_uris),
    )
    _grant(client)
    return NewClient(client, "" if kind == Client.Type.PUBLIC else secret)


@transaction.atomic
def api_client_rotate(*, client_id: uuid.UUID, overlap: dt.timedelta = OVERLAP) -> NewClient:
    """Give the client a new secret; the former one still opens the token endpoint for `overlap`.

    Of two rotations within that time only the last former secret counts. Raises `ClientDisabled`.
    """
    client = _for_update(client_id)
    if not client.is_active:
        raise ClientDisabled
    secret = secrets.token_urlsafe(40)
    client.previous_secret = client.oidc.secret if overlap else ""
    client.previous_secret_until = timezone.now() + overlap if overlap else None
    client.save(update_fields=["previous_secret", "previous_secret_until"])
    client.oidc.set_secret(secret)
    client.oidc.save(update_fields=["secret"])
    return NewClient(client, secret)


@transaction.atomic
def api_client_disable(*, client_id: uuid.UUID) -> ApiClient:
    """Shut the client out from this moment on: its tokens end and it gets no new ones."""
    client = _for_update(client_id)
    client.is_active = False
    client.previous_secret, client.previous_secret_until = "", None
    client.save(update_fields=["is_active", "previous_secret", "previous_secret_until"])
    client.oidc.set_grant_types([])
    client.oidc.save(update_fields=["grant_types"])
    Token.objects.filter(client=client.oidc).delete()
    user_set_active(user_id=client.user_id, active=False)
    return client


@transaction.atomic
def api_clients_follow_scopes() -> None:
    """Bring the rights of all active clients in step with what their scopes stand for in this version."""
    for client in ApiClient.objects.select_for_update(of=("self",)).filter(is_active=True).order_by("pk"):
        _allow_tokens(client.oidc, client.scopes, on_behalf=client.on_behalf)
        _grant(client)


def _for_update(client_id: uuid.UUID) -> ApiClient:
    client: ApiClient | None = (
        ApiClient.objects.select_for_update(of=("self",)).select_related("oidc").filter(pk=client_id).first()
    )
    if client is None:
        raise NotThere(_("That API client"))
    return client


def _allow_tokens(oidc: Client, asked: Iterable[str], *, on_behalf: bool) -> None:
    """Let the client ask for tokens with its scopes: by its secret alone, or only after a person's consent.

    A client with `*` may also name single scopes, so those stand there too. The implicit flow is open to nobody.
    """
    codes = list(asked)
    own = [Grants.CLIENT_CREDENTIALS]
    oidc.set_grant_types([Grants.AUTHORIZATION_CODE, Grants.REFRESH_TOKEN] if on_behalf else own)
    oidc.set_scopes([*registry.registered(), registry.ALL] if registry.ALL in codes else codes)
    oidc.set_default_scopes(codes)
    oidc.save()


def _grant(client: ApiClient) -> None:
    """Give the service user the rights of its scopes; an app that acts for people has none of its own."""
    if client.on_behalf:
        return
    for property_id in client.properties:
        role_set_rights(property_id=property_id, role=client.role, rights=registry.rights_of(client.scopes))
        user_set_roles(user_id=client.user_id, property_id=property_id, roles=[client.role])


def _check_redirect(uri: str) -> None:
    """Refuse an address to which a code must not be sent: in the clear, with a wildcard or a part for scripts only."""
    try:
        parts = urlsplit(uri)
        at_home = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
    except ValueError as error:
        raise RedirectUriInvalid(_("“%s” is no address. Nothing was made.") % uri, uri=uri) from error
    app_of_a_phone = "." in parts.scheme  # such as com.example.app:/callback (RFC 8252)
    if "*" in uri or parts.fragment or not (at_home or app_of_a_phone or (parts.scheme == "https" and parts.hostname)):
        raise RedirectUriInvalid(
            _("“%s” must begin with https:// (or be a loopback address or an app's own scheme). Nothing was made.")
            % uri,
            uri=uri,
        )
