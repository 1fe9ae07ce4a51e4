"""allauth's hook into the house: nobody signs up alone."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation or by the first-run form, never by a public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False always: the sign-up page explains how to be invited."""
        return False
