"""The parts of allauth's identity provider that are open: consent, tokens for programs, and giving them back.

Sign-in for other sites (OpenID Connect: discovery, ID tokens, user info) and devices stay closed: an address that
nobody tends is a hole.
"""

from __future__ import annotations

from django.urls import path

from . import consent
from .oauth import RevokeApi, TokenApi

app_name = "identity"
urlpatterns = [
    path("o/authorize", consent.authorize, name="authorize"),
    path("o/api/token", TokenApi.as_view(), name="token"),
    path("o/api/revoke", RevokeApi.as_view(), name="revoke"),
    path("apps/", consent.apps, name="list_apps"),
    path("apps/<uuid:pk>/revoke/", consent.revoke_app, name="revoke_app"),
]
