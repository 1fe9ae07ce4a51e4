"""Browsers without a window: Django's test client, with somebody signed in."""

from __future__ import annotations

from django.test import Client

from pms.accounts.models import User


def signed_in(user: User) -> Client:
    """Return a client in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client
