"""Addresses of the API kernel. Each app adds its own under `/api/v1/` from its `api/urls.py` (see pms/urls.py)."""

from __future__ import annotations

from django.urls import path

from . import clients, job_views, views
from .feed import EventListApi

app_name = "api"
HOTEL = "properties/<str:property_code>"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("docs", views.docs, name="docs"),
    path("docs/errors", views.docs_errors, name="docs_errors"),
    path(f"{HOTEL}/events", EventListApi.as_view(), name="events"),
    path(f"{HOTEL}/jobs", job_views.JobListApi.as_view(), name="jobs"),
    path(f"{HOTEL}/jobs/<uuid:job_id>", job_views.JobApi.as_view(), name="job"),
    path(f"{HOTEL}/jobs/<uuid:job_id>/cancel", job_views.JobCancelApi.as_view(), name="cancel_job"),
    path(f"{HOTEL}/api-clients", clients.ApiClientListApi.as_view(), name="api_clients"),
    path(f"{HOTEL}/api-clients/<uuid:client_pk>", clients.ApiClientApi.as_view(), name="api_client"),
    path(f"{HOTEL}/api-clients/<uuid:client_pk>/rotate", clients.ApiClientRotateApi.as_view(), name="rotate_client"),
    path(f"{HOTEL}/api-clients/<uuid:client_pk>/revoke", clients.ApiClientRevokeApi.as_view(), name="revoke_client"),
]
