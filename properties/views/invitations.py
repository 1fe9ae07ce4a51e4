"""Invitations: sent again and taken back by who may change the staff, opened and accepted by who was invited."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pms.accounts.entering import let_in
from pms.accounts.limits import limited, secret_link
from pms.accounts.proving import lately_proved
from pms.core.errors import DomainError
from properties.errors import InvitationClosed
from properties.forms import JoinForm
from properties.http import add_error, at_hotel
from properties.models import Invitation, Property
from properties.permissions import Permission
from properties.selectors import account_of, invitation_for_change, roles_called
from properties.services.invitations import (
    account_claimed,
    digest,
    invitation_accept,
    invitation_check,
    invitation_revoke,
    invitation_send_again,
)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def resend_invitation(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Mail a new link; the old one opens nothing any more."""
    invitation = invitation_for_change(request.user, pk, hotel=hotel)
    limited(request, "invitation_send", key=str(hotel.pk))
    try:
        invitation_send_again(invitation_id=invitation.pk, invited_by_id=request.user.pk)  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new link is on its way to %s; the old one opens nothing.") % invitation.email)
    return redirect("properties:list_staff", code=hotel.code)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def revoke_invitation(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = invitation_for_change(request.user, pk, hotel=hotel)
    try:
        invitation_revoke(invitation_id=invitation.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation of %s was taken back.") % invitation.name)
    return redirect("properties:list_staff", code=hotel.code)


@secret_link
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites whom to what, and take the answer; the address is the invited one, whatever is sent."""
    try:
        limited(request, "invitation_open")
        if request.method == "POST":
            limited(request, "invitation_accept", key=digest(token))
        invitation = invitation_check(token)
    except InvitationClosed as error:
        return _closed(request, error)
    state = _state(request, invitation)
    form = JoinForm(request.POST or None, initial={"name": invitation.name}, email=invitation.email)
    if request.method == "POST" and state == "accept":
        return _accept(request, invitation, token=token, form=None)
    if request.method == "POST" and state == "new" and form.is_valid():
        return _accept(request, invitation, token=token, form=form)
    return _page(request, invitation, state=state, form=form)


def _state(request: HttpRequest, invitation: Invitation) -> str:
    """Return what the reader has to do: accept, sign out, sign in, or choose a password as somebody new."""
    account = account_of(invitation.email)
    if request.user.is_authenticated:
        return "accept" if account is not None and account.pk == request.user.pk else "other"
    return "sign_in" if account is not None and account_claimed(account) else "new"


def _accept(request: HttpRequest, invitation: Invitation, *, token: str, form: JoinForm | None) -> HttpResponse:
    hotel = invitation.property
    try:
        if form is None:
            invitation_accept(token=token, user_id=request.user.pk)
        else:
            user, invitation = invitation_accept(token=token, **form.cleaned_data)
    except InvitationClosed as error:
        return _closed(request, error)
    except DomainError as error:
        again = form or JoinForm(email=invitation.email)
        if form is not None:
            add_error(form, error)
        return _page(request, invitation, state=_state(request, invitation), form=again, error=error, status=422)
    if form is not None:
        return let_in(request, user, to=reverse("properties:open_hotel", args=[hotel.code]))
    messages.success(request, _("You work at %s from now on.") % hotel.name)
    return redirect("properties:open_hotel", code=hotel.code)


def _closed(request: HttpRequest, error: InvitationClosed) -> HttpResponse:
    return render(request, "properties/invitation_closed.html", {"error": error}, status=410)


def _page(request: HttpRequest, invitation: Invitation, *, state: str, form: JoinForm, **more: Any) -> HttpResponse:
    called = roles_called(invitation.property_id)
    status = more.pop("status", 422 if state == "new" and form.is_bound else 200)
    context = {
        "invitation": invitation,
        "state": state,
        "form": form,
        "roles": [called.get(role, role) for role in invitation.roles],
        **more,
    }
    return render(request, "properties/invitation.html", context, status=status)
