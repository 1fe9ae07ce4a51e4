"""How a page finds its hotel: the decorator that every view below `/h/<code>/` of every app wears."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from pms.accounts.access import permitted
from pms.core.errors import DomainError, NotAllowed
from pms.core.http import is_htmx

from .models import Property
from .selectors import hotel_for, hotel_of_colleague

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Property, Rest], HttpResponse]
Routed = Callable[..., HttpResponse]

READ = frozenset({"GET"})


def at_hotel(right: str, *, methods: Collection[str] = READ) -> Callable[[View[Rest]], Routed]:
    """Call `view(request, hotel, …)` for somebody who is signed in and holds `right` at the hotel `code` of the URL.

    Everybody else gets what she may know: a stranger and a wrong code 404, a colleague without the right 403, somebody
    signed out the sign-in page (htmx: 401, so that the page keeps what was typed). Only `methods` are answered, HEAD
    wherever GET is. Inside, `request.hotel` is the hotel (the shell draws it) and the clock is the hotel's.
    """
    allowed = frozenset(methods) | ({"HEAD"} if "GET" in methods else set())

    def decorate(view: View[Rest]) -> Routed:
        @wraps(view)
        def answer(request: HttpRequest, code: str, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            if not request.user.is_authenticated:
                return signed_out(request)
            try:
                hotel = hotel_for(request.user, code, right)
            except NotAllowed:
                # The page that says so stands in the frame of the hotel, with the sections that are open to her.
                request.hotel = hotel_of_colleague(request.user, code)  # type: ignore[attr-defined]
                raise
            request.hotel = hotel  # type: ignore[attr-defined]  # read by the shell
            with timezone.override(hotel.zone):
                return view(request, hotel, *args, **kwargs)

        answer.right = right  # type: ignore[attr-defined]  # the permission matrix of the tests reads it
        return answer

    return decorate


def require(request: HttpRequest, hotel: Property, right: str) -> None:
    """Raise `NotAllowed` unless the person also holds `right`: for acts whose right depends on what was asked."""
    permitted(request.user, right, hotel.pk)


def signed_out(request: HttpRequest) -> HttpResponse:
    """Return the way to the sign-in page and back here."""
    if is_htmx(request):
        # No redirect: htmx would put the sign-in page into the middle of this one.
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())


def with_toast(
    response: HttpResponse, text: str, *, tone: str = "green", undo: str = "", changed: str = ""
) -> HttpResponse:
    """Return `response` with a short message; `undo` is the address that takes the act back for ten seconds.

    `changed` names a fragment: the page reads the regions that show such pieces anew, socket or not.
    """
    toast = {"text": text, "tone": tone} | ({"undo": undo} if undo else {})
    response["HX-Trigger"] = json.dumps({"toast": toast} | ({"pieces:changed": changed} if changed else {}))
    return response


def add_error(form: Form, error: DomainError) -> None:
    """Put the refusal at the field it names, or above the form; what was typed stays."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
