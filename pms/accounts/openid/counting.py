"""When the provider's second step counts as ours: only where the settings say so, and only for this way in."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.db import transaction
from django.http import HttpRequest

from pms.accounts.models import User
from pms.accounts.providers import counted_issuers
from pms.accounts.second_step import has_one
from pms.accounts.services import rights_changed

METHOD = "openid"


class SecondStepStage(AuthenticateStage):
    """Asks for the second step at the door, unless the provider has a moment ago and that counts."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not step_by(request, self.login.user) and bool(super()._should_handle(request))


def step_by(request: HttpRequest, user: Any) -> str:
    """Return the issuer whose second step opened this door just now; the last proof is the one that counts."""
    proofs = get_authentication_records(request, user)
    last = proofs[-1] if proofs else {}
    issuer = str(last.get("issuer", ""))
    return issuer if last.get("method") == METHOD and last.get("step") and issuer in counted_issuers() else ""


@transaction.atomic
def step_note(request: HttpRequest, user: User) -> None:
    """Keep with her by whose second step she comes in, if she has none of her own; before the session is opened.

    Each session carries a hash of it (`User._get_session_auth_hash`): coming in without that step ends the sessions
    with it and the other way round, so no session ever has more than it was proved for.
    """
    issuer = "" if has_one(user) else step_by(request, user)
    kept = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.second_step_by = issuer
    if kept.second_step_by == issuer:
        return
    kept.second_step_by = issuer
    kept.save(update_fields=["second_step_by"])
    rights_changed(user_ids=[user.pk])
    user.refresh_from_db(fields=["permission_epoch"])
