"""Pages of one's own account that the library does not have."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, cast

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core.internal import ratelimit
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pms.core.errors import NotThere
from pms.core.middleware import answer

from . import second_step
from .errors import EmailTaken, NoticeClosed, TooManySignIns
from .limits import limited, secret_link
from .models import User
from .notices import account_secure, notice_of
from .openid.ways import ways_to_prove
from .sessions import session_end

CODE = re.compile(r"[0-9 ]{6,12}")  # of an app or a recovery code; passwords are longer or not of figures alone

# Where to go on once the second step is set up; the library's own pages in between know nothing of it.
BACK_TO = "second_step_back_to"


@require_safe
@never_cache
@login_required
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """Say that a second step is needed and offer both kinds; whoever has hers goes on to where she wanted."""
    asked_for = request.GET.get("next", "")
    if asked_for and url_has_allowed_host_and_scheme(asked_for, allowed_hosts={request.get_host()}):
        request.session[BACK_TO] = asked_for
    user = request.user
    if not isinstance(user, User) or not second_step.due(user):
        return redirect(request.session.pop(BACK_TO, "/"))
    return render(request, "account/second_step.html")


class SecretForm(forms.Form):
    """The password, or a code of the second step: whichever the person has at hand."""

    secret = forms.CharField(
        label=_("Password or code"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        help_text=_("The six figures from your app count as well."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_secret(self) -> str:
        """Return what was typed; it is her password, or a code of her app or of her recovery codes."""
        typed: str = self.cleaned_data["secret"]
        if CODE.fullmatch(typed) and second_step.has_one(self.user):
            with suppress(forms.ValidationError):
                code = ReauthenticateForm({"code": typed}, user=self.user)
                if code.is_valid():
                    code.save()
                    return typed
        if not self.user.check_password(typed):
            raise forms.ValidationError(_("That is neither your password nor a code."))
        return typed


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("secret")
@login_required
def prove(request: HttpRequest) -> HttpResponse:
    """Ask in a dialog of the page who is there; 204 once it is her."""
    user = cast(User, request.user)
    form = SecretForm(request.POST or None, user=user)
    if request.method == "POST":
        if not ratelimit.consume(request, app="allauth.account", action="reauthenticate", user=user):
            raise TooManySignIns
        if form.is_valid():
            reauthenticate_by_password(request)
            return HttpResponse(status=204)
    passkey = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN).exists()
    typed = user.has_usable_password() or second_step.has_one(user)
    context = {"form": form, "passkey": passkey, "typed": typed, "ways": ways_to_prove(user)}
    return render(request, "account/prove.html", context, status=422 if form.is_bound else 200)


@require_safe
@login_required
def proved(request: HttpRequest) -> HttpResponse:
    """Say that the question was answered, in the tab that was opened for it."""
    return render(request, "account/proved.html")


@require_POST
@login_required
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out one of one's own devices; its open pages close."""
    if not session_end(user_id=cast(User, request.user).pk, session_id=pk):
        raise NotThere(str(_("That device")))
    messages.success(request, _("The device is signed out."))
    return redirect("usersessions_list")


@secret_link
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then take back what somebody else did to one's account; the mailed link is the proof."""
    try:
        limited(request, "notice_open")
        notice_of(token)
        if request.method == "POST":
            user = account_secure(token=token)
            messages.success(request, _("Taken back. Choose a new password through the mail we send you now."))
            return redirect(f"{reverse('account_reset_password')}?{urlencode({'email': user.email})}")
    except (NoticeClosed, EmailTaken) as error:
        return render(request, "account/not_me.html", {"error": error}, status=410)
    return render(request, "account/not_me.html")


def too_many(request: HttpRequest) -> HttpResponse:
    """Return the 429 of the library's own limits (mails, addresses, passkeys) in our words, with `Retry-After`."""
    return answer(request, TooManySignIns())
