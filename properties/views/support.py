"""Support: begins to act in the name of a hotel's person, and ends it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pms.accounts.models import User
from pms.accounts.proving import lately_proved
from pms.accounts.support import may_support, visit_enter, visit_leave
from pms.core.errors import DomainError, NotThere
from properties.http import add_error
from properties.services.support import support_begin, support_end
from properties.sign_in_forms import VisitForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def begin_support(request: HttpRequest) -> HttpResponse:
    """Ask whom, where, why and for how long; to everybody else this page is not there."""
    if not may_support(request.user):
        raise NotThere
    return _begin(request)


@lately_proved
def _begin(request: HttpRequest) -> HttpResponse:
    form = VisitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            visit = support_begin(supporter_id=cast(User, request.user).pk, **form.cleaned_data)
        except DomainError as error:
            add_error(form, error)
        else:
            visit_enter(request, visit)
            return redirect("properties:open_hotel", code=form.cleaned_data["code"].upper())
    return render(request, "properties/support.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@login_required
def end_support(request: HttpRequest) -> HttpResponse:
    """End the visit of this browser and go back to one's own session."""
    visit = getattr(request.user, "visit", None)
    if visit is None:
        raise NotThere
    support_end(visit_id=visit.pk)
    visit_leave(request)
    messages.success(request, _("The visit has ended; you are yourself again."))
    return redirect("properties:begin_support")
