"""allauth's hooks into the house: nobody signs up alone, and nobody guesses passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from .errors import TooManySignIns


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation or by the first-run form, never by a public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False always: the sign-up page explains how to be invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Raise `TooManySignIns` (429) over the limit, where allauth would answer 200 with an error in the form."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise TooManySignIns from error
