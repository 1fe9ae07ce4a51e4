"""The parts of allauth's identity provider that are open: tokens for programs, and giving them back.

Sign-in for other sites (authorization code, discovery, devices) stays closed: it has neither keys nor consent pages of
ours yet, and an address that nobody tends is a hole.
"""

from __future__ import annotations

from allauth.idp.oidc.views import revoke
from django.urls import path

from .views import TokenApi

app_name = "identity"
urlpatterns = [
    path("o/api/token", TokenApi.as_view(), name="token"),
    path("o/api/revoke", revoke, name="revoke"),
]
