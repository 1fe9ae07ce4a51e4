"""Browsers without a window: Django's test client, with somebody signed in."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from pms.accounts.models import User


def signed_in(user: User, *, minutes_ago: float = 0) -> Client:
    """Return a client in which `user` gave her password so long ago."""
    client = Client()
    client.force_login(user)
    prove(client, user, minutes_ago=minutes_ago)
    return client


def prove(client: Client, user: User, *, minutes_ago: float = 0) -> None:
    """Let it be so long ago that the person at this browser gave her password."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 60 * minutes_ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def force_login_proves() -> None:
    """Let whoever a test signs in by `Client.force_login` have given her password that very moment."""
    forced = Client.force_login

    def force_login(client: Client, user: User, backend: str | None = None) -> None:
        forced(client, user, backend)
        prove(client, user)

    Client.force_login = force_login  # type: ignore[assignment, method-assign]
