"""`/metrics` in the text format of Prometheus, for those who hold the token or sit at an allowed address."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from .metrics import REGISTRY


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the figures of this process; to everybody else the page is not there."""
    if not (_has_token(request) or _is_allowed(request)):
        return HttpResponseNotFound("Not found", content_type="text/plain")
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and compare_digest(given.encode(), settings.METRICS_TOKEN.encode())


def _is_allowed(request: HttpRequest) -> bool:
    try:
        asking = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(asking in ip_network(network, strict=False) for network in settings.METRICS_ALLOW)
