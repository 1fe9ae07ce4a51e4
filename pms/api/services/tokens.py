"""What people let programs do for them, and the tokens that follow from it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable

from allauth.idp.oidc.models import Token
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.api.models import ApiClient, ApiGrant, ApiUse
from pms.core.errors import NotThere

# Use is noted to this many seconds: a write with every request would cost more than it tells.
NOTED_EVERY = 300

_noted: dict[uuid.UUID, float] = {}


@transaction.atomic
def api_grant_give(
    *, client: ApiClient, user_id: uuid.UUID, property_ids: Iterable[uuid.UUID], scopes: Iterable[str]
) -> ApiGrant:
    """Let the program act for this person at these hotels with these scopes.

    It replaces what she allowed the same program before, with the tokens that came from it.
    """
    grant: ApiGrant
    grant, made = ApiGrant.objects.select_for_update(of=("self",)).get_or_create(
        client=client,
        user_id=user_id,
        defaults={
            "properties": sorted(set(property_ids)),
            "scopes": sorted(set(scopes)),
            "granted_at": timezone.now(),
        },
    )
    if not made:
        grant.properties, grant.scopes = sorted(set(property_ids)), sorted(set(scopes))
        grant.granted_at, grant.revoked_at = timezone.now(), None
        grant.save()
        _end_tokens(grant)
    return grant


@transaction.atomic
def api_grant_revoke(*, grant_id: uuid.UUID) -> ApiGrant:
    """Take back what a person allowed a program; its tokens end with the next request."""
    grant: ApiGrant | None = ApiGrant.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
    if grant is None:
        raise NotThere(_("That app"))
    if grant.revoked_at is None:
        grant.revoked_at = timezone.now()
        grant.save(update_fields=["revoked_at"])
    _end_tokens(grant)
    return grant


@transaction.atomic
def token_revoke(*, value: str, client_id: str) -> None:
    """End the token that a program gives back; with a refresh token all that it could renew ends as well.

    A token of another program is left alone (RFC 7009, 2.1).
    """
    token = Token.objects.by_value(value).filter(client_id=client_id).first()
    if token is None:
        return
    if token.type == Token.Type.REFRESH_TOKEN:
        Token.objects.filter(client_id=client_id, user_id=token.user_id).delete()
    else:
        token.delete()


def expired_tokens_forget(*, access_token: str) -> None:
    """Delete the expired tokens of the client to which `access_token` was just given; the table stays small."""
    given = Token.objects.by_value(access_token).first()
    if given is not None:
        Token.objects.expired().filter(client_id=given.client_id).delete()


def api_use_note(*, subject_id: uuid.UUID) -> None:
    """Note that a client or a grant is in use now, at most every few minutes by each process."""
    now = time.monotonic()
    if now - _noted.get(subject_id, -NOTED_EVERY) < NOTED_EVERY:
        return
    _noted[subject_id] = now
    ApiUse.objects.bulk_create(
        [ApiUse(subject_id=subject_id, used_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["subject_id"],
        update_fields=["used_at"],
    )


def _end_tokens(grant: ApiGrant) -> None:
    Token.objects.filter(client_id=grant.client.oidc_id, user_id=grant.user_id).delete()
