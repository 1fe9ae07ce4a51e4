"""The context of the shell around every page; the parts of the domain come through slots.

`shell.hotel` and `shell.nav` are given by the tenant's app: it registers a provider in the slot `shell`, called with
`(request)` and returning a dict that is merged into the shell.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pms.core import slots
from pms.core.http import is_htmx

from .pages import page_context

SLOT = "shell"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `shell` for the templates (a context processor); nothing for people who are not signed in.

    A page of a hotel whose view names no topics (a form, a refusal) listens for the pieces of the frame all the same.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    frame: dict[str, Any] = {"hotel": None, "hotels": [], "nav": [], "menu": [], "unread": 0, "live_url": ""}
    frame |= {"head": 0, "epoch": "", "topics": "", "user_id": user.pk, "rights": user.permission_epoch}
    drawn: dict[str, Any] = {}
    live, hotel = getattr(request, "live", None), getattr(request, "hotel", None)
    if live is None and hotel is not None and not is_htmx(request):
        context = page_context(request, hotel.pk)
        live, drawn = context["live"], {name: context[name] for name in ("seq", "audience")}
    if live:
        frame |= {"head": live["seq"], "epoch": live["epoch"], "topics": live["topics"]}
    for entry in slots.entries(SLOT):
        frame |= entry.provider(request)
    return {"shell": frame, **drawn}
