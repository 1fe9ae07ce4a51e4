"""The providers on the sign-in page."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pms.accounts.providers import providers

register = template.Library()


@register.simple_tag
def openid_ways(request: HttpRequest) -> list[dict[str, Any]]:
    """Return name and address of each provider; where one wanted to go is taken along."""
    to = request.GET.get("next") or request.POST.get("next")
    query = f"?{urlencode({'next': to})}" if to else ""
    return [{"name": one.name, "url": reverse("openid_start", args=[one.key]) + query} for one in providers()]
