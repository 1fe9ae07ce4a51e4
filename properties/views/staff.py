"""Who works here: the list, roles, inviting and removing."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.limits import limited
from pms.accounts.models import User
from pms.accounts.proving import lately_proved
from pms.accounts.sessions import sessions_end
from pms.core.errors import DomainError, StaleVersion
from pms.core.forms import Outcome, save_merged
from pms.core.http import is_htmx
from pms.live.pages import page_context
from properties.forms import StaffForm, StaffRolesForm
from properties.http import add_error, at_hotel, with_toast
from properties.models import Membership, Property
from properties.permissions import Permission
from properties.role_forms import StaffFilterForm
from properties.selectors import membership_for_change, roles_givable, roles_of
from properties.services import staff_disable, staff_enable, staff_invite, staff_remove, staff_set_roles
from properties.staff_fragments import STAFF_MARK
from properties.staff_rows import INVITED, invitation_rows, staff_filtered, staff_rows
from properties.undo import undo_asked, undo_offered, undo_overtaken

Act = Callable[..., Any]


@at_hotel(Permission.STAFF_VIEW)
def staff(request: HttpRequest, hotel: Property) -> HttpResponse:
    """List the staff with roles, state and when each was last seen; `?state=`, `?role=` and `?q=` choose among them."""
    context = page_context(request, hotel.pk, topics=(STAFF_MARK.name, "role_mark"))
    rows = staff_rows(request.user, hotel)
    invited = invitation_rows(request.user, hotel)
    form = StaffFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    context |= {
        "hotel": hotel,
        "rows": staff_filtered(rows, asked),
        "all": len(rows),
        "counts": Counter([*(row.state for row in rows), *(INVITED for _row in invited)]),
        "invited": invited if asked.get("state", "") in ("", INVITED) else [],
        "asked": asked,
        "roles": roles_of(hotel.pk),
        "may_change": Permission.STAFF_CHANGE in context["audience"].rights,
    }
    return render(request, "properties/staff.html", context)


@at_hotel(Permission.STAFF_CHANGE, methods={"GET", "POST"})
@lately_proved
def add_staff(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Invite a person: she gets a link by mail, and is on the staff once she accepts."""
    form = StaffForm(request.POST or None, givable=roles_givable(request.user, hotel.pk))
    if request.method == "POST" and form.is_valid():
        limited(request, "invitation_send", key=str(hotel.pk))
        try:
            invitation = staff_invite(
                property_id=hotel.pk, invited_by_id=cast(User, request.user).pk, **form.cleaned_data
            )
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%s is invited; a link is on its way.") % invitation.name)
            return redirect("properties:list_staff", code=hotel.code)
    status = 422 if form.is_bound else 200
    return render(request, "properties/staff_add.html", {"hotel": hotel, "form": form}, status=status)


@at_hotel(Permission.STAFF_CHANGE, methods={"GET", "POST"})
@lately_proved
def change_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Give a person other roles, from this moment on."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    givable = roles_givable(request.user, hotel.pk)
    if request.method == "GET":
        outcome = Outcome(StaffRolesForm.of(member, givable=givable))
    else:
        outcome = save_merged(StaffRolesForm(request.POST, givable=givable), partial(_set_roles, member))
    if outcome.row is not None:
        _say_roles(request, hotel, outcome)
        return redirect("properties:list_staff", code=hotel.code)
    context = {"hotel": hotel, "form": outcome.form, "conflicts": outcome.conflicts, "member": member}
    return render(request, "properties/staff_change.html", context, status=outcome.status)


def _set_roles(
    member: Membership, *, values: Mapping[str, Any], originals: Mapping[str, Any] | None, seen_version: int | None
) -> Membership:
    seen_roles = originals["roles"] if originals else None
    return staff_set_roles(
        membership_id=member.pk, roles=values["roles"], seen_roles=seen_roles, seen_version=seen_version
    )


def _say_roles(request: HttpRequest, hotel: Property, outcome: Outcome) -> None:
    """Say that the roles count, with the way back if this person changed any."""
    member, undo = outcome.row, ""
    before = sorted(outcome.form.originals()["roles"])
    if before != sorted(member.roles):
        facts = {"before": before, "version": member.version}
        token = undo_offered(request, hotel, "staff", member.pk, facts)
        undo = reverse("properties:undo_staff", args=[hotel.code, member.pk, token])
    messages.success(request, _("The roles of %s count from now on.") % member.user, extra_tags=undo)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def undo_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID, token: str) -> HttpResponse:
    """Give a person the roles back that she had a moment ago, unless somebody gave her others meanwhile.

    What was kept names what they were: so a role comes back also to somebody whose giver may not give it.
    """
    member = membership_for_change(request.user, pk, hotel=hotel)
    facts = undo_asked(request, hotel, "staff", pk, token)
    answer = HttpResponse(status=204)
    try:
        staff_set_roles(membership_id=member.pk, roles=facts["before"], seen_version=facts["version"])
    except StaleVersion:
        return with_toast(answer, undo_overtaken(), tone="amber", changed=STAFF_MARK.name)
    return with_toast(answer, _("The roles of %s are as they were.") % member.user, changed=STAFF_MARK.name)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def remove_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let a person no longer work here; her open pages close."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    return _shut_out(request, hotel, staff_remove, member, said=_("%s no longer works here."))


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def disable_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Shut a person out of this hotel; her open pages close, her roles are kept."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    back = reverse("properties:enable_staff", args=[hotel.code, pk])
    return _shut_out(request, hotel, staff_disable, member, said=_("%s is shut out of this hotel."), undo=back)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def enable_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let a person who was shut out work here again; also how shutting out is taken back."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    staff_enable(membership_id=member.pk)
    words = _("%s may come in again.") % member.user
    if is_htmx(request):
        return with_toast(HttpResponse(status=204), words, changed=STAFF_MARK.name)
    messages.success(request, words)
    return redirect("properties:list_staff", code=hotel.code)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
@lately_proved
def sign_out_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Sign a person out on all her devices: a lost phone, a screen left open."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    sessions_end(user_id=member.user_id, property_id=hotel.pk)
    messages.success(request, _("%s is signed out everywhere.") % member.user)
    return redirect("properties:change_staff", code=hotel.code, pk=member.pk)


def _shut_out(
    request: HttpRequest, hotel: Property, act: Act, member: Membership, *, said: str, undo: str = ""
) -> HttpResponse:
    """Do what may be refused, such as to the last owner, and say on the list what came of it."""
    try:
        act(membership_id=member.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said % member.user, extra_tags=undo)
    return redirect("properties:list_staff", code=hotel.code)
