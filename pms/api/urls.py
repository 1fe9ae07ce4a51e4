"""Addresses of the API kernel. Each app adds its own under `/api/v1/` from its `api/urls.py` (see pms/urls.py)."""

from __future__ import annotations

from django.urls import path

from . import views
from .feed import EventListApi

app_name = "api"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("docs", views.docs, name="docs"),
    path("docs/errors", views.docs_errors, name="docs_errors"),
    path("properties/<str:property_code>/events", EventListApi.as_view(), name="events"),
]
