"""Addresses of one's own account beside the library's; named as the library names its own."""

from __future__ import annotations

from django.urls import path

from . import own_pages
from .openid import views as openid

urlpatterns = [
    path("second-step/", own_pages.set_up_second_step, name="account_second_step"),
    path("prove/", own_pages.prove, name="account_prove"),
    path("proved/", own_pages.proved, name="account_proved"),
    path("not-me/<str:token>/", own_pages.not_me, name="account_not_me"),
    path("openid/<slug:key>/", openid.start, name="openid_start"),
    path("openid/<slug:key>/prove/", openid.prove, name="openid_prove"),
    path("openid/<slug:key>/back/", openid.back, name="openid_back"),
    path("sessions/<int:pk>/end/", own_pages.end_session, name="account_end_session"),
]
