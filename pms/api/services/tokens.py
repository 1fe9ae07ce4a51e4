"""What people let programs do for them, and the tokens that follow from it."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterable

from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pms.api.events import ApiGrantMisused
from pms.api.models import ApiClient, ApiGrant, ApiUse, SpentRefreshToken
from pms.api.selectors import refresh_tokens
from pms.core.audit import record_of_person
from pms.core.errors import NotThere
from pms.core.mail import mail_send
from pms.events.publish import publish

# Use is noted to this many seconds: a write with every request would cost more than it tells.
NOTED_EVERY = 300
# How long a spent token without an end of its own is known again.
REMEMBERED = dt.timedelta(days=90)

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


def refresh_token_hold(*, value: str) -> Token | None:
    """Lock the grant and then the refresh token `value` to the end of the transaction; None if it gives nothing.

    Of two programs that renew with the same token one waits here, and then finds it spent. A token that outlived the
    person's word is deleted.
    """
    seen = refresh_tokens(value).first()
    if seen is None:
        return None
    living = ApiGrant.objects.select_for_update(of=("self",)).filter(
        client__oidc_id=seen.client_id, user_id=seen.user_id, revoked_at=None
    )
    if living.first() is None:
        seen.delete()
        return None
    held: Token | None = refresh_tokens(value).select_for_update(of=("self",)).first()
    return held


def refresh_token_spent(*, token: Token) -> None:
    """Remember that this refresh token was traded for new ones; in the transaction that gave them."""
    grant = ApiGrant.objects.get(client__oidc_id=token.client_id, user_id=token.user_id)
    SpentRefreshToken.objects.create(
        hash=token.hash,
        grant=grant,
        granted_at=grant.granted_at,
        expires_at=token.expires_at or timezone.now() + REMEMBERED,
    )


@transaction.atomic
def refresh_token_reused(*, value: str, client_id: str) -> bool:
    """End all that a person allowed a program if it sends a refresh token that was spent; tell whether it did.

    Two hold the token then, and nobody can say which of them is the program (RFC 9700, 4.14.2). The person is told by
    mail, the log of each hotel by an entry.
    """
    token = Token()
    token.set_value(value)
    spent = SpentRefreshToken.objects.filter(hash=token.hash, grant__client__oidc_id=client_id).first()
    if spent is None:
        return False
    locked = ApiGrant.objects.select_for_update(of=("self",)).select_related("client", "user")
    grant = locked.get(pk=spent.grant_id)
    if grant.revoked_at is not None or grant.granted_at != spent.granted_at:
        return False
    api_grant_revoke(grant_id=grant.pk)
    record_of_person(
        act="app.key_reused",
        person=grant.user,
        acted=None,
        property_ids=grant.properties,
        changes={"app": [grant.client.name, None]},
    )
    publish(ApiGrantMisused(property_id=grant.properties[0], api_grant_id=grant.pk))
    return True


def grant_misuse_mail(*, grant_id: uuid.UUID) -> None:
    """Tell a person in her language that an app was shut out of her name. Raises `OSError` if the mail is not taken."""
    grant = ApiGrant.objects.select_related("client", "user").get(pk=grant_id)
    with translation.override(grant.user.locale):
        text = _(
            "Somebody used a key of the app “%(app)s” a second time. A copy of it may be in wrong hands, so the app no "
            "longer acts for you, and all its keys are void.\n\nIf you still want it to, open the app and let it in "
            "again: %(url)s"
        ) % {"app": grant.client.name, "url": f"{settings.SITE_URL}{reverse('identity:list_apps')}"}
        subject = _("%s no longer acts for you") % grant.client.name
        mail_send(subject=subject, text=text, to=[grant.user.email])


def expired_tokens_forget(*, access_token: str) -> None:
    """Delete the expired tokens of the client to which `access_token` was just given; the table stays small."""
    given = Token.objects.by_value(access_token).first()
    if given is not None:
        Token.objects.expired().filter(client_id=given.client_id).delete()
        SpentRefreshToken.objects.filter(
            grant__client__oidc_id=given.client_id, expires_at__lte=timezone.now()
        ).delete()


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
