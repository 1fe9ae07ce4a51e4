"""Whole addresses of our pages, for places that have no request: commands and mails."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from .services.setup import setup_token


def setup_url() -> str | None:
    """Return the address of the first-run page, or None once anybody can sign in."""
    token = setup_token()
    return None if token is None else f"{settings.SITE_URL}{reverse('properties:set_up', args=[token])}"
