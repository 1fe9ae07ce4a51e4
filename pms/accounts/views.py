"""The page on which one chooses one's language; at the door the choice is kept by the browser."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .forms import LanguageForm
from .services import user_set_locale

A_YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "POST"])
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show or take the language; open pages of the same person follow at once."""
    user = request.user
    if request.method == "GET" and not user.is_authenticated:
        return redirect("account_login")
    form = LanguageForm(request.POST or None, initial={"language": translation.get_language()})
    if not form.is_valid():
        return render(request, "account/language.html", {"form": form}, status=422 if form.is_bound else 200)
    language = form.cleaned_data["language"]
    if user.is_authenticated:
        user_set_locale(user_id=user.pk, locale=language)
        with translation.override(language):
            messages.success(request, _("This is your language from now on."))
    answer = redirect(_next(request))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return answer


def _next(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours else reverse("account_language")
