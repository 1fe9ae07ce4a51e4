"""allauth's hooks into the house: nobody signs up alone, and nobody guesses passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils import translation

from .errors import TooManySignIns
from .languages import language_of
from .letters import letter_write
from .openid.counting import SecondStepStage, step_note
from .openid.ways import ways_to_prove
from .proving import proved_lately

MFA_STAGE = "allauth.mfa.stages.AuthenticateStage"
# What the library calls a limit that was reached: passwords and codes, mails.
LIMITS = frozenset({"too_many_login_attempts", "rate_limited"})


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation or by the first-run form, never by a public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False always: the sign-up page explains how to be invited."""
        return False

    def validation_error(self, code: str, *args: Any) -> Any:
        """Raise `TooManySignIns` (429) over a limit, where the library would answer 200 with an error in the form."""
        if code in LIMITS:
            raise TooManySignIns
        return super().validation_error(code, *args)

    def is_reauthentication_required(self, *, app: str = "", **options: Any) -> bool:
        """Return whether it is too long ago that this person proved who she is.

        A sign-in counts as much as a later question: who signed in a minute ago is not asked again.
        """
        due = not proved_lately(context.request)
        user = context.request.user
        if due and user.is_authenticated and not get_reauthentication_flows(user) and ways_to_prove(user):
            raise ReauthenticationRequired  # the library would ask nobody who has neither password nor second step
        return due

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how she may prove who she is; the last is the provider that she signs in with."""
        own: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [*own, *ways_to_prove(user)] if user.is_authenticated else own

    def get_login_stages(self) -> list[str]:
        """Return the library's stages, with our judgement of whose second step counts."""
        ours = f"{SecondStepStage.__module__}.{SecondStepStage.__qualname__}"
        return [ours if one == MFA_STAGE else one for one in super().get_login_stages()]

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, and speak to her in her language from the next word on."""
        step_note(request, user)
        super().login(request, user)
        translation.activate(language_of(user))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leave the mail to the workers: nobody waits for a mail server, and one that is away is tried again."""
        request = globals()["context"].request
        facts = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        mail = self.render_mail(template_prefix, email, facts)
        letter_write(subject=mail.subject, text=mail.body, to=mail.to)

    def render_mail(self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None) -> Any:
        """Write to people in the language they read, whoever asked for the mail."""
        with translation.override(language_of(context.get("user"))):
            return super().render_mail(template_prefix, email, context, headers)
