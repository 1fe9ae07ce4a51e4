"""Every URL of the house begins here."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from pms.accounts.views import choose_language
from pms.api.views import unknown_address
from pms.core.health import healthz, readyz
from pms.core.metrics_page import metrics

# One door: the administration is entered through the sign-in page, with its rate limits and second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("account/language/", choose_language, name="account_language"),
    path("account/", include("pms.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("", include("reservations.urls")),  # before: the page of the day lives at the hotel's own address
    path("", include("properties.urls")),
    path("", include("housekeeping.urls")),
    path("", include("notifications.urls")),
    path("", include("folios.urls")),
    path("", include("channel_manager.urls")),
    path("identity/", include("pms.api.identity_urls")),
    # The public API: the kernel's addresses and, beside them, those of each app.
    path("api/v1/", include("pms.api.urls")),
    path("api/v1/", include("properties.api.urls")),
    path("api/v1/", include("reservations.api.urls")),
    path("api/v1/", include("folios.api.urls")),
    re_path(r"^api/", unknown_address),
]

handler400 = "pms.api.views.bad_request"
handler429 = "pms.accounts.own_pages.too_many"  # asked for by django-allauth
handler500 = "pms.api.views.server_error"
