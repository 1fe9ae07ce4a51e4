"""Every URL of the house begins here."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from pms.core.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
]
