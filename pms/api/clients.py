"""The programs of a hotel's partners, over the API itself: made, listed, given new secrets, shut out.

Nobody gives what she does not hold: a client gets at most the scopes of the token that makes it, and rights that the
token's user holds herself.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from pms.accounts.access import rights_at

from . import scopes as registry
from .base import ApiView
from .calls import Call, Reply
from .errors import ClientDisabled, ScopeBeyondOwn
from .fields import IdField, Input
from .models import ApiClient
from .operations import operation
from .paging import Page
from .permissions import Permission
from .selectors import api_client_for, api_clients_at, hotel_codes, used_at
from .services import api_client_create, api_client_disable, api_client_rotate
from .shapes import ActionOutput, action

TAG = "API clients"


class ApiClientOutput(serializers.Serializer):
    """A program; its secret is told once, when it is made or rotated."""

    id = IdField()
    client_id = serializers.CharField(source="oidc_id", help_text="For the token endpoint.")
    name = serializers.CharField()
    properties = serializers.ListField(child=serializers.CharField(), source="codes", help_text="Codes of its hotels.")
    scopes = serializers.ListField(child=serializers.CharField())
    rate_per_minute = serializers.IntegerField()
    on_behalf = serializers.BooleanField(help_text="It acts for people who let it, and has no rights of its own.")
    redirect_uris = serializers.ListField(child=serializers.CharField(), source="oidc.get_redirect_uris")
    active = serializers.BooleanField(source="is_active")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To some minutes; null: never.")
    previous_secret_until = serializers.DateTimeField(allow_null=True, help_text="Till then the former secret counts.")
    version = serializers.IntegerField()
    actions = ActionOutput(many=True)


class ApiClientMadeOutput(ApiClientOutput):
    """A program with what is told this once and never again; a repeat of the request does not show the secret."""

    client_secret = serializers.SerializerMethodField(required=False, help_text="Told once; empty for a public app.")
    token_url = serializers.SerializerMethodField(required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the program alone: the rest is added to the first answer only."""
        return ApiClientOutput(instance, context=self.context).data

    def get_client_secret(self, _client: ApiClient) -> str:
        """Describe the member; see `to_representation`."""
        return ""

    def get_token_url(self, _client: ApiClient) -> str:
        """Describe the member; see `to_representation`."""
        return ""


class ApiClientInput(Input):
    """A program that a partner will run for this hotel."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.CharField(max_length=100), allow_empty=False, max_length=100)
    rate_per_minute = serializers.IntegerField(required=False, default=6000, min_value=1, max_value=60000)
    redirect_uris = serializers.ListField(
        child=serializers.CharField(max_length=500),
        required=False,
        default=list,
        max_length=10,
        help_text="Makes it an app that acts for people: where they are sent back to.",
    )
    public = serializers.BooleanField(required=False, default=False, help_text="An app that can keep no secret.")


class RotateInput(Input):
    """For how long the former secret still counts."""

    overlap_hours = serializers.IntegerField(required=False, default=24, min_value=0, max_value=168)


class ApiClientListApi(ApiView):
    """The programs of the hotel."""

    tag = TAG

    @operation(
        summary="List the API clients",
        scope="api_clients.read",
        right=Permission.API_CLIENT_VIEW,
        output=ApiClientOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the programs that are bound to the hotel, those that were shut out among them."""
        page = call.page(api_clients_at(call.hotel.pk), order=("name", "id"))
        completed(page.rows)
        return page

    @operation(
        summary="Make an API client",
        scope="api_clients.write",
        right=Permission.API_CLIENT_CHANGE,
        body=ApiClientInput,
        output=ApiClientMadeOutput,
        status=201,
        key="required",
        refusals=["unknown_scope", "redirect_uri_invalid", "scope_beyond_own"],
    )
    def post(self, call: Call) -> Reply:
        """Make a program for this hotel; the answer tells its secret, this once."""
        refuse_beyond(call.data["scopes"], call.rights, call.grant.scopes)
        made = api_client_create(property_ids=[call.hotel.pk], **call.data)
        completed([made.client])
        told = {"client_secret": made.secret, "token_url": f"{settings.SITE_URL}{reverse('identity:token')}"}
        return Reply(content=made.client, location=f"{call.request.path}/{made.client.pk}", told_once=told)


class ApiClientApi(ApiView):
    """One program."""

    tag = TAG

    @operation(
        summary="Read an API client",
        scope="api_clients.read",
        right=Permission.API_CLIENT_VIEW,
        output=ApiClientOutput,
    )
    def get(self, call: Call, client_pk: uuid.UUID) -> ApiClient:
        """Return the program."""
        return _shown(call, client_pk, Permission.API_CLIENT_VIEW)


class ApiClientRotateApi(ApiView):
    """A new secret for one program."""

    tag = TAG

    @operation(
        summary="Give an API client a new secret",
        scope="api_clients.write",
        right=Permission.API_CLIENT_CHANGE,
        body=RotateInput,
        output=ApiClientMadeOutput,
        refusals=["client_disabled", "scope_beyond_own"],
    )
    def post(self, call: Call, client_pk: uuid.UUID) -> Reply:
        """Rotate; the former secret counts for `overlap_hours` more."""
        client = _shown(call, client_pk, Permission.API_CLIENT_CHANGE)
        for property_id in client.properties:
            # Whoever knows its secret may do what it may.
            refuse_beyond(client.scopes, rights_at(call.user, property_id), call.grant.scopes)
        overlap = dt.timedelta(hours=call.data["overlap_hours"])
        made = api_client_rotate(client_id=client.pk, overlap=overlap)
        return Reply(content=_shown(call, client_pk), told_once={"client_secret": made.secret})


class ApiClientRevokeApi(ApiView):
    """The end of one program."""

    tag = TAG

    @operation(
        summary="Shut an API client out",
        scope="api_clients.write",
        right=Permission.API_CLIENT_CHANGE,
        output=ApiClientOutput,
    )
    def post(self, call: Call, client_pk: uuid.UUID) -> ApiClient:
        """Shut it out at all its hotels from this moment on."""
        api_client_disable(client_id=_shown(call, client_pk, Permission.API_CLIENT_CHANGE).pk)
        return _shown(call, client_pk)


def completed(clients: Any) -> None:
    """Give each of these clients what its answer and its page show beside its own fields."""
    codes, used = hotel_codes(), used_at(client.pk for client in clients)
    for client in clients:
        client.codes = sorted(codes[pk] for pk in client.properties if pk in codes)
        client.last_used_at = used.get(client.pk)
        shut = [] if client.is_active else [ClientDisabled()]
        client.actions = [action("rotate", shut), action("revoke")]


def refuse_beyond(scopes: Any, rights: frozenset[str], own: frozenset[str] | None = None) -> None:
    """Raise `ScopeBeyondOwn` if these scopes stand for more than `rights`, or (for a token) are not among its `own`."""
    asked = registry.expand(scopes)
    beyond = {code for code in asked if not registry.rights_of([code]) <= rights}
    beyond |= asked - own if own is not None else set()
    if beyond:
        raise ScopeBeyondOwn(sorted(beyond))


def _shown(call: Call, client_pk: uuid.UUID, right: str = Permission.API_CLIENT_VIEW) -> ApiClient:
    client = api_client_for(call.user, right, call.hotel.pk, client_pk)
    completed([client])
    return client
