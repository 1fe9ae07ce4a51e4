"""Asks once more who is there before what could hurt: rights of others, keys of channels and programs, exports.

    @at_hotel(Permission.STAFF_CHANGE, methods={"GET", "POST"})
    @lately_proved
    def change_staff(request, hotel, pk): …

Password, code or passkey count for five minutes, the sign-in itself too. Below `@at_hotel`, so that strangers learn
nothing. A page leads to the question and back; what was sent by a form is kept meanwhile and done afterwards. A piece
(htmx) is answered 403 with the header `X-Prove`: the page asks in a dialog and sends the same again
(static/js/proving.js).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .errors import SupportMayNot

View = Callable[..., HttpResponse]


def proved_lately(request: HttpRequest) -> bool:
    """Tell whether the person at this browser gave password, code or passkey within the last five minutes."""
    if not request.user.is_authenticated:
        return False
    moments = [record["at"] for record in get_authentication_records(request, request.user)]
    return bool(moments) and time.time() - max(moments) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def lately_proved(view: View) -> View:
    """Call `view` for somebody who proved lately who she is; ask everybody else."""
    return _asking(view, keep=True)


def lately_proved_for_secrets(view: View) -> View:
    """The same for forms with passwords and keys in them: these are never kept meanwhile, and must be typed again."""
    return _asking(view, keep=False)


def _asking(view: View, *, keep: bool) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request.user, "acted_by", None) is not None:
            raise SupportMayNot  # nobody proves to be somebody else
        if proved_lately(request):
            return view(request, *args, **kwargs)
        if request.headers.get("HX-Request") != "true":
            if request.method == "POST" and not keep:
                messages.warning(request, _("Keys are not kept while we ask who is there. Please fill this in again."))
                request.method = "GET"  # the library keeps the body of a POST
            raise ReauthenticationRequired  # the library's middleware keeps the form and leads there and back
        return HttpResponse(status=403, headers={"X-Prove": reverse("account_prove"), "HX-Reswap": "none"})

    answer.own_hand = True  # type: ignore[attr-defined]  # the tests of visits read it
    return answer
