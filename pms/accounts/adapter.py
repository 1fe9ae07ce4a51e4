"""allauth's hooks into the house: nobody signs up alone, and nobody guesses passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.http import HttpRequest
from django.utils import translation

from .errors import TooManySignIns
from .languages import language_of
from .proving import proved_lately

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
        return not proved_lately(context.request)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, and speak to her in her language from the next word on."""
        super().login(request, user)
        translation.activate(language_of(user))

    def render_mail(self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None) -> Any:
        """Write to people in the language they read, whoever asked for the mail."""
        with translation.override(language_of(context.get("user"))):
            return super().render_mail(template_prefix, email, context, headers)
