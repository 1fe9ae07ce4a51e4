"""The first run: one page makes the hotel and signs its owner in."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pms.accounts.entering import let_in
from pms.accounts.limits import limited, secret_link
from pms.core.db_errors import domain_error
from pms.core.errors import DomainError
from properties.errors import SetupClosed
from properties.forms import COMMON_TYPES, RoomLines, RoomLineSet, SetupForm
from properties.http import add_error
from properties.services.setup import setup_check, setup_finish


@secret_link
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for organization, hotel, rooms and owner; make them at once and lead to the guide.

    Open only with a signed link and only while nobody can sign in: the service judges that again under a lock.
    """
    try:
        limited(request, "setup_open")
        setup_check(token)
    except SetupClosed as error:
        return render(request, "properties/setup_closed.html", {"error": error}, status=410)
    if request.method != "POST":
        return _page(request, SetupForm(), RoomLineSet(initial=COMMON_TYPES))
    form, lines = SetupForm(request.POST), RoomLineSet(request.POST, initial=COMMON_TYPES)
    if not (form.is_valid() & lines.is_valid()):
        return _page(request, form, lines, status=422)
    return _finish(request, form, lines)


def _finish(request: HttpRequest, form: SetupForm, lines: RoomLines) -> HttpResponse:
    try:
        owner, hotel = setup_finish(rooms=lines.plans(), locale=get_language() or "en", **form.cleaned_data)
    except SetupClosed as error:
        return render(request, "properties/setup_closed.html", {"error": error}, status=410)
    except (DomainError, DatabaseError) as fault:
        error_of = fault if isinstance(fault, DomainError) else domain_error(fault)
        if error_of is None:
            raise
        add_error(form, error_of)
        return _page(request, form, lines, status=422)
    return let_in(request, owner, to=reverse("properties:open_setup", args=[hotel.code]))


def _page(request: HttpRequest, form: SetupForm, lines: RoomLines, *, status: int = 200) -> HttpResponse:
    return render(request, "properties/setup.html", {"form": form, "lines": lines}, status=status)
