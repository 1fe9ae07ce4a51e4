"""The context of the shell around every page; the parts of the domain come through slots.

`shell.hotel` and `shell.nav` are given by the tenant's app: it registers a provider in the slot `shell`, called with
`(request)` and returning a dict that is merged into the shell.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pms.core import slots

from .pages import frame_context

SLOT = "shell"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `shell` for the templates (a context processor); nothing for people who are not signed in.

    A page of a hotel whose view names no topics (a form, a refusal) listens for the pieces of the frame all the same:
    it gets `audience` and `seq` here. What is drawn without the frame, as a piece for htmx, asks for none of it.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    if hasattr(request, "live"):
        return {"shell": SimpleLazyObject(lambda: _frame(request, request.live))}
    hotel = getattr(request, "hotel", None)
    if hotel is None:
        return {"shell": SimpleLazyObject(lambda: _frame(request, None))}
    page: Any = SimpleLazyObject(lambda: frame_context(request, hotel))
    return {
        "shell": SimpleLazyObject(lambda: _frame(request, page["live"])),
        "audience": SimpleLazyObject(lambda: page["audience"]),
        "seq": SimpleLazyObject(lambda: page["seq"]),
    }


def _frame(request: HttpRequest, live: dict[str, Any] | None) -> dict[str, Any]:
    user: Any = request.user
    frame: dict[str, Any] = {"hotel": None, "hotels": [], "nav": [], "menu": [], "unread": 0, "live_url": ""}
    frame |= {"head": 0, "epoch": "", "topics": "", "user_id": user.pk, "rights": user.permission_epoch}
    if live:
        frame |= {"head": live["seq"], "epoch": live["epoch"], "topics": live["topics"]}
    for entry in slots.entries(SLOT):
        frame |= entry.provider(request)
    return frame
