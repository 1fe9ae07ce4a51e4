"""The context of the shell around every page; the parts of the domain come through slots.

`shell.hotel` and `shell.nav` are given by the tenant's app: it registers a provider in the slot `shell`, called with
`(request)` and returning a dict that is merged into the shell.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pms.core import slots

SLOT = "shell"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `shell` for the templates (a context processor); nothing for people who are not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    frame: dict[str, Any] = {"hotel": None, "hotels": [], "nav": [], "menu": [], "unread": 0, "live_url": ""}
    live = getattr(request, "live", None)
    frame |= {"head": 0, "epoch": "", "topics": "", "user_id": user.pk, "rights": user.permission_epoch}
    if live:
        frame |= {"head": live["seq"], "epoch": live["epoch"], "topics": live["topics"]}
    for entry in slots.entries(SLOT):
        frame |= entry.provider(request)
    return {"shell": frame}
