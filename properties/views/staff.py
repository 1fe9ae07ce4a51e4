"""Who works here: the list, roles, adding and removing."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.core.errors import DomainError
from properties.forms import StaffForm, StaffRolesForm
from properties.http import add_error, at_hotel
from properties.invitations import password_link_send
from properties.models import Membership, Property
from properties.permissions import Permission
from properties.selectors import membership_for_change, role_labels, roles_givable, staff_of
from properties.services import staff_add, staff_remove, staff_set_roles


@at_hotel(Permission.STAFF_VIEW)
def staff(request: HttpRequest, hotel: Property) -> HttpResponse:
    """List the staff with their roles."""
    return render(request, "properties/staff.html", _context(request, hotel))


@at_hotel(Permission.STAFF_CHANGE, methods={"GET", "POST"})
def add_staff(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Add a person and mail her a link to choose a password; a person known by her address keeps hers."""
    form = StaffForm(request.POST or None, givable=roles_givable(request.user, hotel.pk))
    if request.method == "POST" and form.is_valid():
        try:
            member = staff_add(property_id=hotel.pk, locale=hotel.locale, **form.cleaned_data)
        except DomainError as error:
            add_error(form, error)
        else:
            _invite(request, member)
            return redirect("properties:list_staff", code=hotel.code)
    status = 422 if form.is_bound else 200
    return render(request, "properties/staff_add.html", {"hotel": hotel, "form": form}, status=status)


@at_hotel(Permission.STAFF_CHANGE, methods={"GET", "POST"})
def change_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Give a person other roles, from this moment on."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    start = {"roles": member.roles, "version": member.version}
    form = StaffRolesForm(request.POST or None, initial=start, givable=roles_givable(request.user, hotel.pk))
    if request.method == "POST" and form.is_valid():
        try:
            staff_set_roles(
                membership_id=member.pk, roles=form.cleaned_data["roles"], seen_version=form.cleaned_data["version"]
            )
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The roles of %s count from now on.") % member.user)
            return redirect("properties:list_staff", code=hotel.code)
    context = {"hotel": hotel, "form": form, "member": member}
    return render(request, "properties/staff_change.html", context, status=422 if form.is_bound else 200)


@at_hotel(Permission.STAFF_CHANGE, methods={"POST"})
def remove_staff(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let a person no longer work here; her open pages close."""
    member = membership_for_change(request.user, pk, hotel=hotel)
    try:
        staff_remove(membership_id=member.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%s no longer works here.") % member.user)
    return redirect("properties:list_staff", code=hotel.code)


def _context(request: HttpRequest, hotel: Property) -> dict[str, object]:
    may_change = Permission.STAFF_CHANGE in rights_at(request.user, hotel.pk)
    givable = set(roles_givable(request.user, hotel.pk))
    rows = [
        {
            "member": member,
            "roles": role_labels(member),
            "changeable": may_change and set(member.roles) <= givable,
        }
        for member in staff_of(hotel.pk)
    ]
    return {"hotel": hotel, "rows": rows, "may_change": may_change}


def _invite(request: HttpRequest, member: Membership) -> None:
    """Mail a link to a person who has no password yet, and say what happens next."""
    if member.user.has_usable_password():
        messages.success(request, _("%s works here from now on and signs in as before.") % member.user)
    elif password_link_send(request, member.user):
        messages.success(request, _("%s was added; a link to choose a password is on its way.") % member.user)
    else:
        messages.warning(request, _("%s was added, but the address takes no mail. Ask for another one.") % member.user)
