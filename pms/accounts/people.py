"""What a hotel may know of the accounts of its people: when they were last seen, and whether they use a second step."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, Max, OuterRef, Subquery
from django.db.models.functions import Greatest

from .models import User

# Recovery codes alone are no second step.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """`seen_at`: the last sign of her in any hotel; `invited`: she has not signed in yet."""

    seen_at: datetime | None
    second_step: bool
    invited: bool


def account_facts(user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, AccountFacts]:
    """Return the facts of these people, in one query."""
    sessions = UserSession.objects.filter(user=OuterRef("pk")).order_by().values("user")
    last = Subquery(sessions.annotate(seen=Max("last_seen_at")).values("seen"))
    people = User.objects.filter(pk__in=list(user_ids)).annotate(
        # Postgres' greatest() passes over what is empty.
        seen=Greatest("last_login", last),
        step=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=STEPS)),
    )
    return {
        user.pk: AccountFacts(user.seen, user.step, user.seen is None and not user.has_usable_password())
        for user in people
    }
